import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { cleanUp, expectClearError, runCli, scratchDir, SECRET } from "../kit/run-cli.js";

afterAll(cleanUp);

test.concurrent.each([
  [["up", "--prot", "1"], "USAGE", /Did you mean --port\?/],
  [["observe", "--verdcit", "DROPPED"], "USAGE", /Did you mean --verdict\?/],
  [["observe", "--server", "x"], "USAGE", /stored history/],
  [["upp"], "USAGE", /Did you mean `dropscope up`\?/],
  [["--data", "x", "up"], "USAGE", /behind the command/],
  [["import"], "USAGE", /import --help/],
  [["up", "extra"], "USAGE", /up --help/],
  [["up", "--port", "99999"], "CONFIG_VALUE", /--port: expected a port between 0 and 65535/],
  [["up", "--spool-max", "much"], "CONFIG_VALUE", /512MiB/],
  [["up", "--backfill", "10"], "CONFIG_VALUE", /10m/],
  [["up", "--ttl-flows", "60", "--ttl-drops", "20"], "RETENTION_INVALID", /drops for 60 days/],
  [["up", "--ttl-flows", "0"], "RETENTION_INVALID", /from 1 to 3650/],
  [["up", "--ttl-flows", "1.5d"], "CONFIG_VALUE", /whole days/],
  [["up", "--max-disk", "120%"], "CONFIG_VALUE", /50GiB.*80%/],
  [["storage", "--set", "flows=3d"], "USAGE", /storage retention --set/],
  [["storage", "retention", "--set", "flow=3d"], "RETENTION_INVALID", /Did you mean flows/],
  [["storage", "--estimate", "flows=never"], "RETENTION_INVALID", /flows=7d/],
  [["observe", "-o", "csv", "--follow"], "OBSERVE_SELECTORS", /-o json/],
  [["observe", "-O", "x.json", "-o", "json", "--follow"], "OBSERVE_SELECTORS", /Redirect/],
  [["up", "--redact", "maybe"], "CONFIG_VALUE", /auto, on, off/],
  [["up", "--config", "none.yaml"], "CONFIG_FILE", /none\.yaml/],
  [["up", "--relay", "http://relay:80"], "HUBBLE_ADDRESS", /tls:\/\//],
  [["up", "--relay", `user:${SECRET}@relay:80`], "HUBBLE_ADDRESS", /host:port/],
  [["up", "--relay", "relay:80", "--tls-client-cert-file", "x"], "HUBBLE_TLS_PAIR", /both/],
  [["serve", "--policies", "x"], "USAGE", /serve --help/],
  [["simulate", "--incidents", "meteor"], "SIMULATOR_INCIDENT", /egress-without-dns/],
  [["simulate", "--listen", "nowhere"], "CONFIG_VALUE", /127\.0\.0\.1:4245/],
])("%j: exit 2 with what to do", async (args, code, hint) => {
  const cwd = scratchDir();
  const result = await runCli(args, { cwd });
  expectClearError(result, code, 2);
  expect(result.err).toMatch(hint);
  expect(readdirSync(cwd)).toEqual([]);
});

test.concurrent.each([
  ["relya: x\n", "CONFIG_KEY", /dropscope\.yaml: .*"relya"[^]*`relay`/],
  ["port: many\n", "CONFIG_VALUE", /dropscope\.yaml: port: expected a number, not "many"/],
  ["- a\n- b\n", "CONFIG_FILE", /name: value/],
  ["port: [\n", "CONFIG_FILE", /dropscope\.yaml/],
  [`clickhouse-password: [${SECRET}]\n`, "CONFIG_VALUE", /expected text/],
])("a config file with %j is refused by key and file", async (text, code, hint) => {
  const cwd = scratchDir();
  writeFileSync(join(cwd, "dropscope.yaml"), text);
  const result = await runCli(["up"], { cwd });
  expectClearError(result, code, 2);
  expect(result.err).toMatch(hint);
});

test("the flag wins over the environment, it over the file, it over the default", async () => {
  const cwd = scratchDir();
  writeFileSync(join(cwd, "dropscope.yaml"), "port: 3\nhost: ::1\nttl-flows: 3\n");
  const env = { DROPSCOPE_PORT: "2", DROPSCOPE_HOST: "127.0.0.2" };
  const { out, code } = await runCli(["up", "--port", "1", "--print-config"], { cwd, env });
  expect(code).toBe(0);
  expect(out).toContain("\nport: 1 # flag\n");
  expect(out).toContain("\nhost: 127.0.0.2 # environment\n");
  expect(out).toContain("\nttl-flows: 3 # file\n");
  expect(out).toContain("\nseed: shop\n");
});

test("--print-config shows no secret and can be used as a config file", async () => {
  const cwd = scratchDir();
  const env = {
    DROPSCOPE_CLICKHOUSE_PASSWORD: SECRET,
    DROPSCOPE_CLICKHOUSE: `http://me:${SECRET}@clickhouse:8123`,
    DROPSCOPE_SPOOL_MAX: "1GiB",
    DROPSCOPE_BACKFILL: "90s",
    DROPSCOPE_TLS_CA_CERT_FILES: "a.crt,b.crt",
    DROPSCOPE_TLS: "true",
    // What Kubernetes sets beside a Service of this name is no setting.
    DROPSCOPE_PORT: "tcp://10.96.0.7:8080",
  };
  const first = await runCli(["up", "--print-config"], { cwd, env });
  expect(first).toMatchObject({ code: 0, err: "" });
  expect(first.out).not.toContain(SECRET);
  expect(first.out).toContain("clickhouse: http://me@clickhouse:8123 # environment");
  writeFileSync(join(cwd, "dropscope.yaml"), first.out);
  const second = await runCli(["up", "--print-config"], { cwd });
  const values = (text: string): string[] =>
    text.split("\n").flatMap((line) => (line.startsWith("#") ? [] : [line.replace(/ # .*$/, "")]));
  expect(values(second.out)).toEqual(values(first.out));
});

test("help and version", async () => {
  for (const args of [["--help"], ["help", "observe"], ["observe", "--help"], []]) {
    const { code, out } = await runCli(args);
    expect({ code, usage: out.startsWith("Usage: dropscope") }).toEqual({ code: 0, usage: true });
  }
  expect((await runCli(["--version"])).out).toMatch(/^\d+\.\d+\.\d+\n$/);
});
