import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { createServer, type AddressInfo, type Server } from "node:net";
import { join } from "node:path";
import { createSimulator, type Simulator } from "@dropscope/ingester/simulator";
import { until } from "@dropscope/ingester/testing";
import type { StatusAnswer } from "@dropscope/model";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { flowLines } from "../kit/flow-lines.js";
import {
  cleanUp,
  dashboardUrl,
  expectClearError,
  getJson,
  runCli,
  scratchDir,
  SECRET,
  startCli,
  type Cli,
} from "../kit/run-cli.js";
import { createAuthority, writeIssued } from "../kit/x509.js";

afterAll(cleanUp);
const isRoot = process.getuid?.() === 0;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((done) => server.once("listening", done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

describe("a relay that is not right: the process lives, says why, and tries again", () => {
  const authority = createAuthority();
  const stranger = createAuthority("stranger");
  const dir = scratchDir();
  const data = join(dir, "data");
  const tls = writeIssued(dir, "relay", authority.issue({ names: ["*.hubble-relay.cilium.io"] }));
  const expired = writeIssued(
    dir,
    "expired",
    authority.issue({
      names: ["*.hubble-relay.cilium.io"],
      notBefore: new Date(Date.now() - 9e8),
      notAfter: new Date(Date.now() - 1e6),
    }),
  );
  const ca = join(dir, "ca.crt");
  const otherCa = join(dir, "other.crt");
  writeFileSync(ca, authority.certificate);
  writeFileSync(otherCa, stranger.certificate);
  let up: Cli | undefined;
  let simulator: Simulator | undefined;
  let web: Server;
  beforeAll(async () => {
    web = createHttpServer((_, response) => response.end("hello")).listen(0, "127.0.0.1");
    await new Promise((done) => web.once("listening", done));
  });
  afterAll(() => void web.close());
  afterEach(async () => {
    expect((await up!.stop()).code).toBe(0);
    await simulator?.stop(1000);
    simulator = undefined;
  });

  const simulate = async (options: Parameters<typeof createSimulator>[0]): Promise<string> => {
    simulator = createSimulator({ listen: { port: 0 }, rate: 100, incidents: [], ...options });
    await simulator.start();
    return simulator.address();
  };
  const closed = async (): Promise<string[]> => ["--relay", `127.0.0.1:${await freePort()}`];

  test.each<[string, string, () => Promise<string[]>]>([
    ["a name without an address", "HUBBLE_UNAVAILABLE", async () => ["--relay", "relay.invalid"]],
    ["a closed port", "HUBBLE_UNAVAILABLE", closed],
    [
      "something that is not Hubble",
      "HUBBLE_[A-Z_]+",
      async () => ["--relay", `127.0.0.1:${(web.address() as AddressInfo).port}`],
    ],
    ["no nodes", "HUBBLE_NO_NODES", async () => ["--relay", await simulate({ nodes: 0 })]],
    [
      "TLS expected by the server",
      "HUBBLE_TLS_EXPECTED",
      async () => ["--relay", await simulate({ tls })],
    ],
    [
      "TLS against plaintext",
      "HUBBLE_TLS_PLAINTEXT",
      async () => ["--relay", `tls://${await simulate({})}`, "--tls-ca-cert-files", ca],
    ],
    [
      "a certificate of another authority",
      "HUBBLE_TLS_CA",
      async () => ["--relay", `tls://${await simulate({ tls })}`, "--tls-ca-cert-files", otherCa],
    ],
    [
      "an expired certificate",
      "HUBBLE_TLS_EXPIRED",
      async () => [
        "--relay",
        `tls://${await simulate({ tls: expired })}`,
        "--tls-ca-cert-files",
        ca,
      ],
    ],
    [
      "another name in the certificate",
      "HUBBLE_TLS_NAME",
      async () => [
        "--relay",
        `tls://${await simulate({ tls })}`,
        "--tls-ca-cert-files",
        ca,
        "--tls-server-name",
        "relay.example",
      ],
    ],
  ])("%s: %s", async (_, code, given) => {
    up = startCli(["up", "--port", "0", "--data", data, ...(await given())]);
    const url = await dashboardUrl(up);
    await up.says(new RegExp(`"code":"${code}"`));
    await until("the status says it", async () => {
      const { coverage } = (await getJson(`${url}/api/v1/status`)).body as StatusAnswer;
      return coverage.source.state !== "ok" && coverage.source.message !== "";
    });
    expect(up.child.exitCode).toBeNull();
    expect(up.err()).not.toMatch(/\n\s+at /);
  });

  test("a relay that comes later is found (R22)", async () => {
    const port = await freePort();
    up = startCli(["up", "--port", "0", "--data", data, "--relay", `127.0.0.1:${port}`]);
    const url = await dashboardUrl(up);
    await up.says(/"code":"HUBBLE_UNAVAILABLE"/);
    expect((await fetch(`${url}/readyz`)).status).toBe(503);
    await simulate({ listen: { port } });
    await until("ready", async () => (await fetch(`${url}/readyz`)).status === 200);
  });
});

describe("files that are no flows: nothing is left behind", () => {
  const dir = scratchDir();
  const data = join(dir, "data");
  const path = (name: string, content: string | Uint8Array): string => {
    writeFileSync(join(dir, name), content);
    return join(dir, name);
  };
  let serve: Cli;
  beforeAll(async () => {
    serve = startCli(["serve", "--port", "0", "--data", data]);
    await serve.says(/ready/);
  });

  test.each<[string, () => string, string, number]>([
    ["other JSON", () => path("a.json", '{"hello":"world"}\n'), "NOT_FLOWS", 65],
    ["text", () => path("a.txt", "hello\nworld\n"), "NOT_FLOWS", 65],
    ["bytes", () => path("a.bin", Buffer.from([0, 255, 1, 254, 7])), "NOT_FLOWS", 65],
    ["an empty file", () => path("empty", ""), "NOT_FLOWS", 65],
    ["no file", () => join(dir, "missing.jsonl"), "IMPORT_NO_FILE", 66],
    ["a folder", () => dir, "IMPORT_IS_DIRECTORY", 66],
  ])("%s", async (_, file, code, exitCode) => {
    const { out, ...result } = await runCli(["import", file(), "--data", data]);
    expectClearError({ ...result, out: "" }, code, exitCode);
    expect(out).not.toMatch(/[1-9]\d* stored/);
    const { out: observed } = await runCli(["observe", "--all", "--data", data]);
    expect(observed).toBe("");
  });

  test("one bad file does not cost the good one", async () => {
    const good = path("good.jsonl", flowLines(5));
    const result = await runCli(["import", join(dir, "missing.jsonl"), good, "--data", data]);
    expect(result.code).toBe(66);
    expect(result.out).toContain("5 stored");
    expect(result.err).toContain("[IMPORT_NO_FILE]");
  });
});

describe("a data folder that cannot be used", () => {
  test("is a file", async () => {
    const file = join(scratchDir(), "data");
    writeFileSync(file, "mine");
    expectClearError(await runCli(["up", "--data", file]), "DATA_NOT_A_DIRECTORY", 78);
  });

  // Root may write everywhere but into a pseudo file system.
  test("may not be written", async () => {
    const locked = join(scratchDir(), "locked");
    mkdirSync(locked);
    chmodSync(locked, 0o500);
    const where = isRoot ? "/proc/dropscope" : join(locked, "data");
    const result = await runCli(["up", "--data", where]);
    expectClearError(result, "DATA_[A-Z_]+", result.code ?? 0);
    expect([73, 77, 78]).toContain(result.code);
  });

  test.each(["observe", "status"])("%s on a folder without a store makes none", async (command) => {
    const data = join(scratchDir(), "typo");
    expectClearError(await runCli([command, "--data", data]), "DATA_MISSING", 66);
    expect(existsSync(data)).toBe(false);
  });

  test.skipIf(!isRoot)("has no space: nothing is said to be stored that is not", async () => {
    const dir = scratchDir();
    const disk = join(dir, "disk");
    mkdirSync(disk);
    const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", disk]);
    if (mounted.status !== 0) {
      process.stderr.write(`skipped: no tmpfs can be mounted: ${mounted.stderr.toString()}\n`);
      return;
    }
    try {
      writeFileSync(join(disk, "filler"), Buffer.alloc(1 << 20).subarray(0, 1_040_000));
      const result = await runCli(["up", "--port", "0", "--data", join(disk, "data")]);
      expect([69, 74]).toContain(result.code);
      expectClearError(result, "(DISK_FULL|ENGINE_FAILED|SPOOL_IO)", result.code!);
    } finally {
      spawnSync("umount", ["-l", disk]);
    }
  });
});

describe("a ClickHouse server that is not right", () => {
  const observe = (url: string, ...more: string[]) =>
    runCli(["observe", "--clickhouse", url, "--data", join(scratchDir(), "data"), ...more]);

  test("no address", async () => {
    expectClearError(await observe("clickhouse"), "CLICKHOUSE_URL", 78);
    expectClearError(await observe(`ftp://me:${SECRET}@host`), "CLICKHOUSE_URL", 78);
  });

  test("a closed port", async () => {
    const result = await observe(`http://127.0.0.1:${await freePort()}`);
    expectClearError(result, "CLICKHOUSE_UNREACHABLE", 69);
  });

  test("a wrong password, and a password file that is not there", async () => {
    const dir = scratchDir();
    const server = startCli(["serve", "--port", "0", "--data", join(dir, "data")]);
    await server.says(/ready/);
    const engine = JSON.parse(readFileSync(join(dir, "data", "engine.json"), "utf8")) as {
      url: string;
      user: string;
    };
    const user = ["--clickhouse-user", engine.user];
    const wrong = await runCli(
      ["observe", "--clickhouse", engine.url, ...user, "--data", join(dir, "other")],
      { env: { DROPSCOPE_CLICKHOUSE_PASSWORD: SECRET } },
    );
    expectClearError(wrong, "CLICKHOUSE_LOGIN", 77);
    const missing = await observe(engine.url, "--clickhouse-password-file", join(dir, "none"));
    expectClearError(missing, "CLICKHOUSE_PASSWORD_FILE", 78);
  });

  test("up waits for it instead, and says so", async () => {
    const url = `http://127.0.0.1:${await freePort()}`;
    const data = join(scratchDir(), "data");
    const up = startCli(["up", "--port", "0", "--clickhouse", url, "--data", data]);
    const page = await dashboardUrl(up);
    const { status, body } = await getJson(`${page}/readyz`);
    const { missing } = body as { missing: { part: string; state: string; message: string }[] };
    expect({ status, store: missing.find(({ part }) => part === "store") }).toMatchObject({
      status: 503,
      store: { state: "down", message: expect.stringContaining(url) as string },
    });
    await until("batches wait", () => readdirSync(join(data, "spool")).length > 1);
    expect((await up.stop()).code).toBe(0);
  });
});
