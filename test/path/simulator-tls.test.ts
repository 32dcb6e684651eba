import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:tls";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { credentials, status as Code } from "@grpc/grpc-js";
import { createSimulator, type ServerTls, type Simulator } from "@dropscope/ingester/simulator";
import { createAuthority, writeIssued } from "../kit/x509.js";
import { observerClient } from "../kit/observer-client.js";

const authority = createAuthority();
const stranger = createAuthority("another authority");
let dir = "";
let tls: ServerTls;
let simulator: Simulator | undefined;

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "dropscope-tls-"));
  tls = writeIssued(dir, "relay", authority.issue({ names: ["*.hubble-relay.cilium.io"] }));
  writeFileSync(join(dir, "ca.crt"), authority.certificate);
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));
afterEach(async () => simulator?.stop(1000));

async function start(options: ServerTls): Promise<string> {
  simulator = createSimulator({ rate: 0, incidents: [], listen: { port: 0 }, tls: options });
  await simulator.start();
  simulator.inject({ verdict: "DROPPED" });
  return simulator.address();
}

async function ask(
  address: string,
  channel: ReturnType<typeof credentials.createSsl>,
  name = "ui.hubble-relay.cilium.io",
) {
  const client = observerClient(address, channel, {
    "grpc.ssl_target_name_override": name,
    "grpc.default_authority": name,
  });
  const stream = client.flows({ number: 1n });
  const error = await stream.ended;
  client.close();
  return { error: error?.code, flows: stream.flows().length };
}

const ca = (): Buffer => Buffer.from(authority.certificate);

test("TLS: the relay's name is checked, one label wide", async () => {
  const address = await start(tls);
  expect(await ask(address, credentials.createSsl(ca()))).toEqual({ error: undefined, flows: 1 });
  for (const name of ["ui.other.example", "a.b.hubble-relay.cilium.io"]) {
    expect((await ask(address, credentials.createSsl(ca()), name)).error).toBe(Code.UNAVAILABLE);
  }
  const foreign = credentials.createSsl(Buffer.from(stranger.certificate));
  expect((await ask(address, foreign)).error).toBe(Code.UNAVAILABLE);
});

test("mTLS: only a client with a certificate of the right authority is served", async () => {
  const address = await start({ ...tls, clientCaFile: join(dir, "ca.crt") });
  const as = (issuer: typeof authority) => {
    const mine = issuer.issue({ names: ["dropscope"] });
    return credentials.createSsl(ca(), Buffer.from(mine.key), Buffer.from(mine.certificate));
  };
  expect(await ask(address, as(authority))).toEqual({ error: undefined, flows: 1 });
  expect((await ask(address, as(stranger))).error).toBe(Code.UNAVAILABLE);
  expect((await ask(address, credentials.createSsl(ca()))).error).toBe(Code.UNAVAILABLE);
});

test("nothing older than TLS 1.3 is spoken", async () => {
  const [host = "", port = ""] = (await start(tls)).split(":");
  const speak = async (maxVersion: "TLSv1.2" | "TLSv1.3"): Promise<string> =>
    new Promise((resolve) => {
      const socket = connect(
        {
          host,
          port: Number(port),
          ca: ca(),
          maxVersion,
          servername: "ui.hubble-relay.cilium.io",
          ALPNProtocols: ["h2"],
        },
        () => {
          resolve(socket.getProtocol() ?? "none");
          socket.destroy();
        },
      );
      socket.on("error", () => resolve("refused"));
    });
  expect(await speak("TLSv1.3")).toBe("TLSv1.3");
  expect(await speak("TLSv1.2")).toBe("refused");
});

test("a renewed certificate counts when the relay answers again", async () => {
  const address = await start(tls);
  await simulator?.hangUp();
  writeIssued(dir, "relay", stranger.issue({ names: ["*.hubble-relay.cilium.io"] }));
  await simulator?.answer();
  expect((await ask(address, credentials.createSsl(ca()))).error).toBe(Code.UNAVAILABLE);
  const foreign = credentials.createSsl(Buffer.from(stranger.certificate));
  expect((await ask(address, foreign)).error).toBeUndefined();
});
