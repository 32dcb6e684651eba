import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { loadConfig } from "./load.js";
import { printConfig } from "./print.js";

const dir = mkdtempSync(join(tmpdir(), "dropscope-config-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const empty = join(dir, "empty.yaml");
writeFileSync(empty, "");

function file(text: string): string {
  const path = join(dir, `${Math.random()}.yaml`);
  writeFileSync(path, text);
  return path;
}

describe("precedence", () => {
  const yaml = file("port: 4\nhost: ::1\nrate: 9\ntls: true\n");
  const env = { DROPSCOPE_PORT: "3", DROPSCOPE_HOST: "127.0.0.3", DROPSCOPE_DATA: "" };

  test("the flag, then the environment, then the file, then the default", () => {
    const { config, origins, file: read } = loadConfig({ port: "2" }, env, yaml);
    expect(config).toMatchObject({ port: 2, host: "127.0.0.3", rate: 9, tls: true, seed: "shop" });
    expect(origins).toMatchObject({
      port: "flag",
      host: "environment",
      rate: "file",
      seed: "default",
    });
    expect(read).toBe(yaml);
  });

  test("an empty variable and an empty key say nothing", () => {
    const { config, origins } = loadConfig({}, env, file("seed:\n"));
    expect(config).toMatchObject({ data: ".dropscope", seed: "shop" });
    expect(origins.data).toBe("default");
  });

  test("what was never given is undefined, an empty list, or false", () => {
    const { config } = loadConfig({}, {}, empty);
    expect(config.relay).toBeUndefined();
    expect(config.from).toEqual([]);
    expect(config["tls-allow-insecure"]).toBe(false);
  });

  test("DROPSCOPE_CONFIG names the file; --config wins", () => {
    const other = file("port: 5\n");
    expect(loadConfig({}, { DROPSCOPE_CONFIG: other }).config.port).toBe(5);
    expect(loadConfig({}, { DROPSCOPE_CONFIG: other }, yaml).config.port).toBe(4);
  });

  test("a Kubernetes service link is no setting", () => {
    const { config } = loadConfig({}, { DROPSCOPE_PORT: "tcp://10.96.0.7:80" }, empty);
    expect(config.port).toBe(8080);
  });
});

describe("what is wrong is said with its place", () => {
  test.each([
    ["relya: x", "CONFIG_KEY", /there is no setting "relya"/, /`relay`/],
    ["zzzzzzzzz: x", "CONFIG_KEY", /"zzzzzzzzz"/, /--help/],
    ["port: [1]", "CONFIG_VALUE", /port: expected a number/, /Correct/],
    ["port: 70000", "CONFIG_VALUE", /between 0 and 65535/, /Correct/],
    ["tls: maybe", "CONFIG_VALUE", /tls: expected true or false, not "maybe"/, /Correct/],
    ["- x", "CONFIG_FILE", /is not a list of settings/, /name: value/],
    ["just text", "CONFIG_FILE", /is not a list of settings/, /name: value/],
    ["a: [", "CONFIG_FILE", /yaml/, /YAML/],
  ])("%s", (text, code, message, next) => {
    expect(() => loadConfig({}, {}, file(text))).toThrow(
      expect.objectContaining({
        code,
        exitCode: 2,
        message: expect.stringMatching(message) as string,
        next: expect.stringMatching(next) as string,
      }),
    );
  });

  test("a variable and a flag are named as they were written", () => {
    expect(() => loadConfig({}, { DROPSCOPE_PORT: "x" }, empty)).toThrow(/^DROPSCOPE_PORT: /);
    expect(() => loadConfig({ "spool-max": "x" }, {}, empty)).toThrow(/^--spool-max: /);
  });

  test("a file that is not there", () => {
    expect(() => loadConfig({}, {}, join(dir, "none"))).toThrow(/There is no config file/);
    expect(() => loadConfig({}, { DROPSCOPE_CONFIG: join(dir, "none") })).toThrow(
      expect.objectContaining({ next: expect.stringContaining("DROPSCOPE_CONFIG") as string }),
    );
  });

  test("a secret is never quoted", () => {
    const path = file("clickhouse-password: [hunter2]");
    expect(() => loadConfig({}, {}, path)).toThrow(/expected text\.$/);
  });
});

describe("printConfig", () => {
  test("can be read back, and holds no secret", () => {
    const given = loadConfig(
      {
        "clickhouse-password": "hunter2",
        clickhouse: "https://me:hunter2@host:8443",
        backfill: "90s",
        from: ["a b.json", "-"],
        "spool-max": "1GiB",
      },
      { DROPSCOPE_TLS: "1" },
      empty,
    );
    const text = printConfig(given);
    expect(text).not.toContain("hunter2");
    expect(text).toContain("clickhouse: https://me@host:8443 # flag");
    const { config } = loadConfig({}, {}, file(text));
    expect(config).toEqual({
      ...given.config,
      clickhouse: "https://me@host:8443",
      "clickhouse-password": undefined,
    });
  });
});
