import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer, type TLSSocket } from "node:tls";
import { createServer as createTcpServer, type AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  diagnose,
  resolveHubbleTarget,
  type HubbleSettings,
  type HubbleTarget,
} from "@dropscope/ingester";
import {
  FakeRelay,
  createTestPipeline,
  flowBytes,
  until,
  uuidOf,
  type FakeRelayOptions,
  type TestPipeline,
} from "@dropscope/ingester/testing";
import { createAuthority, type Issued } from "../kit/x509.js";

const NAME = "*.hubble-relay.cilium.io";
const DAY = 86_400_000;
const authority = createAuthority("cilium-ca");
const stranger = createAuthority("another-ca");
let folder: string;
let ca: string;
let relay: FakeRelay | undefined;
let pipeline: TestPipeline | undefined;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "dropscope-tls-"));
  ca = file("ca.crt", authority.certificate);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(async () => {
  await pipeline?.source.stop(2_000);
  relay?.stop();
  pipeline = relay = undefined;
});

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

function clientFiles(name: string, issued: Issued): HubbleSettings {
  return {
    tlsClientCertFile: file(`${name}.crt`, issued.certificate),
    tlsClientKeyFile: file(`${name}.key`, issued.key),
  };
}

const server = (issued: Issued, clientCa?: string): FakeRelayOptions["tls"] => ({
  cert: issued.certificate,
  key: issued.key,
  ...(clientCa !== undefined && { clientCa }),
});

async function start(tls: FakeRelayOptions["tls"]): Promise<string> {
  relay = await new FakeRelay(tls === undefined ? {} : { tls }).start();
  const now = BigInt(Date.now()) * 1_000_000n;
  relay.emit("n1", now, flowBytes({ node: "n1", timeNs: now, uuid: uuidOf(0) }));
  return relay.address;
}

function target(flags: HubbleSettings): HubbleTarget {
  const result = resolveHubbleTarget({ flags });
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.target;
}

/** Runs against the relay until it says `code` (or, for "ok", until the flow is sealed). */
async function expectState(flags: HubbleSettings, code: string): Promise<TestPipeline> {
  pipeline = createTestPipeline({ target: target(flags) });
  await pipeline.source.start();
  const wanted = () =>
    code === "ok" ? pipeline!.door.flows === 1 : pipeline!.source.status().code === code;
  await until(`state ${code}`, wanted).catch((error: unknown) => {
    throw new Error(`${String(error)}; it is ${JSON.stringify(pipeline!.source.status())}`);
  });
  if (code !== "ok") {
    const status = pipeline.source.status();
    expect(status).toMatchObject({ state: "down", ended: false });
    expect(status.next!.length).toBeGreaterThan(20);
    expect(pipeline.door.flows).toBe(0);
  }
  return pipeline;
}

describe("S22: TLS to the relay", () => {
  it("verifies the server by Hubble's name, with TLS 1.3", async () => {
    const address = await start(server(authority.issue({ names: [NAME] })));
    await expectState({ server: `tls://${address}`, tlsCaCertFiles: [ca] }, "ok");
  });

  it("shows a client certificate that the server demands", async () => {
    const issued = authority.issue({ names: [NAME] });
    const address = await start(server(issued, authority.certificate));
    const client = clientFiles("client", authority.issue({ names: ["client"] }));
    await expectState({ server: `tls://${address}`, tlsCaCertFiles: [ca], ...client }, "ok");
  });

  it("speaks plaintext to a plaintext server (negative control)", async () => {
    await expectState({ server: await start(undefined) }, "ok");
  });
});

describe("S22: a TLS mistake is told as what it is", () => {
  it("plaintext to a TLS server", async () => {
    const address = await start(server(authority.issue({ names: [NAME] })));
    const { source } = await expectState({ server: address }, "HUBBLE_TLS_EXPECTED");
    expect(source.status().next).toContain(`tls://${address}`);
  });

  it("plaintext to a server that also wants a client certificate", async () => {
    const address = await start(server(authority.issue({ names: [NAME] }), authority.certificate));
    await expectState({ server: address }, "HUBBLE_TLS_EXPECTED");
  });

  it("TLS to a plaintext server", async () => {
    const address = await start(undefined);
    await expectState({ server: `tls://${address}`, tlsCaCertFiles: [ca] }, "HUBBLE_TLS_PLAINTEXT");
  });

  it("a server signed by another CA", async () => {
    const address = await start(server(stranger.issue({ names: [NAME] })));
    const { source } = await expectState(
      { server: `tls://${address}`, tlsCaCertFiles: [ca] },
      "HUBBLE_TLS_CA",
    );
    expect(source.status().message).toContain(ca);
  });

  it("a server certificate that has expired, or is not valid yet", async () => {
    const validity = {
      notBefore: new Date(Date.now() - 9 * DAY),
      notAfter: new Date(Date.now() - DAY),
    };
    const address = await start(server(authority.issue({ names: [NAME], ...validity })));
    const flags = { server: `tls://${address}`, tlsCaCertFiles: [ca] };
    await expectState(flags, "HUBBLE_TLS_EXPIRED");
    relay!.stop();
    const later = {
      notBefore: new Date(Date.now() + DAY),
      notAfter: new Date(Date.now() + 9 * DAY),
    };
    await relay!.start(server(authority.issue({ names: [NAME], ...later })));
    await until("the other message", () =>
      pipeline!.source.status().message.includes("not valid yet"),
    );
  });

  it("a wrong name, and which names the certificate has", async () => {
    const address = await start(
      server(authority.issue({ names: ["relay.example.org", "b.example.org"] })),
    );
    const flags = { server: `tls://${address}`, tlsCaCertFiles: [ca] };
    const { source } = await expectState(flags, "HUBBLE_TLS_NAME");
    expect(source.status().message).toContain("relay.example.org, b.example.org");
    expect(source.status().message).toContain("ui.hubble-relay.cilium.io");
    expect(source.status().next).toContain("--tls-server-name");
  });

  it("a missing client certificate", async () => {
    const address = await start(server(authority.issue({ names: [NAME] }), authority.certificate));
    const flags = { server: `tls://${address}`, tlsCaCertFiles: [ca] };
    await expectState(flags, "HUBBLE_TLS_CLIENT_CERT_MISSING");
  });

  it("a client certificate that the server's CA did not sign", async () => {
    const address = await start(server(authority.issue({ names: [NAME] }), authority.certificate));
    const client = clientFiles("foreign", stranger.issue({ names: ["client"] }));
    const flags = { server: `tls://${address}`, tlsCaCertFiles: [ca], ...client };
    const { source } = await expectState(flags, "HUBBLE_TLS_CLIENT_CERT");
    expect(source.status().message).toContain("foreign.crt");
    expect(JSON.stringify(source.status())).not.toContain("PRIVATE KEY");
  });

  it("a server that speaks TLS 1.2 only", async () => {
    const issued = authority.issue({ names: [NAME] });
    const old = createServer({
      cert: issued.certificate,
      key: issued.key,
      maxVersion: "TLSv1.2",
      ALPNProtocols: ["h2"],
    });
    old.on("tlsClientError", (_error, socket: TLSSocket) => socket.destroy());
    await new Promise<void>((resolve) => old.listen(0, "127.0.0.1", resolve));
    const { port } = old.address() as AddressInfo;
    const flags = { server: `tls://127.0.0.1:${port}`, tlsCaCertFiles: [ca] };
    await expectState(flags, "HUBBLE_TLS_VERSION");
    old.close();
  });

  it.each([
    ["missing", () => join(folder, "nowhere.crt")],
    ["no PEM", () => file("text.crt", "hello")],
    ["empty", () => file("empty.crt", "")],
  ])("a CA file that is %s", async (_what, path) => {
    const address = await start(server(authority.issue({ names: [NAME] })));
    await expectState({ server: `tls://${address}`, tlsCaCertFiles: [path()] }, "HUBBLE_TLS_FILE");
  });

  it("a key that does not belong to its certificate, without telling the key", async () => {
    const address = await start(server(authority.issue({ names: [NAME] })));
    const client = clientFiles("mixed", {
      certificate: authority.issue({ names: ["a"] }).certificate,
      key: authority.issue({ names: ["b"] }).key,
    });
    const flags = { server: `tls://${address}`, tlsCaCertFiles: [ca], ...client };
    const { source } = await expectState(flags, "HUBBLE_TLS_FILE");
    expect(JSON.stringify(source.status())).not.toContain("PRIVATE KEY");
  });

  it("nothing when the trouble is not TLS", async () => {
    const silent = createTcpServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const { port } = silent.address() as AddressInfo;
    const closed = `127.0.0.1:${port}`;
    expect(await diagnose(target({ server: closed }))).toBeUndefined();
    expect(
      await diagnose(target({ server: `tls://${closed}`, tlsCaCertFiles: [ca] })),
    ).toBeUndefined();
    silent.close();
    expect(await diagnose(target({ server: closed }))).toBeUndefined();
  });
});

describe("S22: certificates change and are not verified only when told so", () => {
  it("reads rotated files without a restart and without loss", async () => {
    const old = authority.issue({ names: [NAME] });
    const address = await start(server(old, authority.certificate));
    const client = clientFiles("rotated", authority.issue({ names: ["client"] }));
    const running = await expectState(
      { server: `tls://${address}`, tlsCaCertFiles: [ca], ...client },
      "ok",
    );
    let issued = 1;
    const emit = () => {
      const now = BigInt(Math.trunc(running.clock.now())) * 1_000_000n + BigInt(issued);
      relay!.emit("n1", now, flowBytes({ node: "n1", timeNs: now, uuid: uuidOf(issued++) }));
    };
    // The certificate alone does not fit the old key: a rotation that is half done must not be used.
    const fresh = authority.issue({ names: ["client2"] });
    file("rotated.crt", fresh.certificate);
    const begun = running.clock.now();
    await until("a look at the files", () => {
      emit();
      return running.clock.now() > begun + 25_000;
    });
    expect(running.source.status().connects).toBe(1);
    file("rotated.key", fresh.key);
    await until("a new connection", () => {
      emit();
      return running.source.status().connects === 2;
    });
    for (let i = 0; i < 20; i++) emit();
    await until("all sealed", () => running.door.flows === issued);
    expect(new Set(running.rows().map((row) => row.uuid)).size).toBe(issued);
    expect(running.notices.map((notice) => notice.code)).toEqual(["HUBBLE_TLS_ROTATED"]);
    expect(running.gaps).toEqual([]);
  });

  it("recovers by itself when a wrong certificate is replaced", async () => {
    const address = await start(server(authority.issue({ names: [NAME] }), authority.certificate));
    const client = clientFiles("repaired", stranger.issue({ names: ["client"] }));
    const flags = { server: `tls://${address}`, tlsCaCertFiles: [ca], ...client };
    const running = await expectState(flags, "HUBBLE_TLS_CLIENT_CERT");
    clientFiles("repaired", authority.issue({ names: ["client"] }));
    await until("the flow", () => running.door.flows === 1);
  });

  it("skips verification only with the flag, and warns each minute", async () => {
    const address = await start(server(stranger.issue({ names: ["x"] })));
    const flags = { server: `tls://${address}`, tlsCaCertFiles: [ca], tlsAllowInsecure: true };
    const running = await expectState(flags, "ok");
    await until("three warnings", () => running.notices.length >= 3);
    expect(new Set(running.notices.map((notice) => notice.code))).toEqual(
      new Set(["HUBBLE_TLS_INSECURE"]),
    );
  });
});
