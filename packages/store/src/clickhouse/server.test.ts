import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ClickHouseError } from "@clickhouse/client";
import type { DropscopeError } from "@dropscope/model";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { serverTarget, storeTrouble } from "./server.js";

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "dropscope-server-"));
  writeFileSync(join(dir, "password"), "from-file\n");
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe("the address of a server", () => {
  test("user and password come from options, file, address or environment", () => {
    const url = "http://ch:8123";
    expect(serverTarget({ url }, {})).toEqual({
      url,
      user: "default",
      password: "",
      database: "dropscope",
    });
    expect(serverTarget({ url: "http://u:p%40ss@ch:8123/x" }, {})).toMatchObject({
      url,
      user: "u",
      password: "p@ss",
    });
    expect(serverTarget({ url }, { CLICKHOUSE_USER: "e", CLICKHOUSE_PASSWORD: "s" })).toMatchObject(
      { user: "e", password: "s" },
    );
    expect(
      serverTarget({ url, passwordFile: join(dir, "password") }, { CLICKHOUSE_PASSWORD: "s" })
        .password,
    ).toBe("from-file");
    expect(serverTarget({ url, password: "given" }, { CLICKHOUSE_PASSWORD: "s" }).password).toBe(
      "given",
    );
  });

  test.each(["", "clickhouse", "tcp://ch:9000", "ch:8123"])("%j is refused", (url) => {
    expect(() => serverTarget({ url }, {})).toThrow(
      expect.objectContaining({ code: "CLICKHOUSE_URL", exitCode: 78 }),
    );
  });

  test("a password in a bad address is not repeated", () => {
    try {
      serverTarget({ url: "ftp://me:hunter2@ch" }, {});
      expect.unreachable();
    } catch (error) {
      expect(String(error)).not.toContain("hunter2");
    }
  });

  test("a password file that is not there", () => {
    expect(() => serverTarget({ url: "http://ch", passwordFile: join(dir, "none") }, {})).toThrow(
      expect.objectContaining({ code: "CLICKHOUSE_PASSWORD_FILE" }),
    );
  });
});

describe("trouble in an operator's words", () => {
  const target = { url: "http://ch:8123", user: "me", password: "hunter2", database: "dropscope" };
  const of = (error: unknown): DropscopeError | undefined => storeTrouble(error, target);
  const clickhouse = (code: string): ClickHouseError =>
    new ClickHouseError({ message: "m", code, type: "T" });

  test("login, rights, absence", () => {
    expect(of(clickhouse("516"))?.code).toBe("CLICKHOUSE_LOGIN");
    expect(of(clickhouse("497"))?.code).toBe("CLICKHOUSE_RIGHTS");
    expect(of(clickhouse("60"))).toBeUndefined();
    expect(
      of(Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" }))?.code,
    ).toBe("CLICKHOUSE_UNREACHABLE");
    expect(of(new Error("Port 9000 is for clickhouse-client program"))?.next).toContain("8123");
  });

  test("never holds the password", () => {
    for (const error of [clickhouse("516"), new Error("x")]) {
      const said = of(error)!;
      expect(`${said.message} ${said.next}`).not.toContain("hunter2");
    }
  });
});
