import { describe, expect, it } from "vitest";
import { DEFAULT_SERVER_NAME, resolveHubbleTarget, type HubbleTarget } from "./config.js";

type Input = Parameters<typeof resolveHubbleTarget>[0];

function target(input: Input): HubbleTarget {
  const result = resolveHubbleTarget(input);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.target;
}

function problems(input: Input): string[] {
  const result = resolveHubbleTarget(input);
  return result.ok ? [] : result.problems.map((problem) => `${problem.code} at ${problem.where}`);
}

describe("resolveHubbleTarget", () => {
  it("goes to the local relay in plaintext when nothing is said", () => {
    expect(target({})).toMatchObject({ address: { dial: "localhost:4245" } });
    expect(target({}).tls).toBeUndefined();
  });

  it("prefers flags to HUBBLE_*, HUBBLE_* to the names of Hubble UI, and those to the file", () => {
    const env = { HUBBLE_SERVER: "hubble:1", FLOWS_API_ADDR: "ui:2" };
    const file = { server: "file:3" };
    expect(target({ flags: { server: "flag:4" }, env, file }).address.dial).toBe("flag:4");
    expect(target({ env, file }).address.dial).toBe("hubble:1");
    expect(target({ env: { FLOWS_API_ADDR: "ui:2" }, file }).address.dial).toBe("ui:2");
    expect(target({ file }).address.dial).toBe("file:3");
  });

  it("lets HUBBLE_TLS=false win over TLS_TO_RELAY_ENABLED=true, setting by setting", () => {
    const env = {
      HUBBLE_TLS: "false",
      TLS_TO_RELAY_ENABLED: "true",
      FLOWS_API_ADDR: "relay:80",
    };
    expect(target({ env }).tls).toBeUndefined();
  });

  it("reads everything that Hubble UI's chart sets", () => {
    const env = {
      FLOWS_API_ADDR: "hubble-relay:443",
      TLS_TO_RELAY_ENABLED: "true",
      TLS_RELAY_SERVER_NAME: "ui.hubble-relay.cilium.io",
      TLS_RELAY_CA_CERT_FILES: "/certs/a.crt, /certs/b.crt",
      TLS_RELAY_CLIENT_CERT_FILE: "/certs/client.crt",
      TLS_RELAY_CLIENT_KEY_FILE: "/certs/client.key",
    };
    expect(target({ env }).tls).toEqual({
      caFiles: ["/certs/a.crt", "/certs/b.crt"],
      certFile: "/certs/client.crt",
      keyFile: "/certs/client.key",
      serverName: "ui.hubble-relay.cilium.io",
      insecure: false,
    });
  });

  it("chooses the name to verify: Hubble's, unless the host has one that can be verified", () => {
    const nameFor = (server: string, tlsCaCertFiles?: string[]) =>
      target({ flags: { server, ...(tlsCaCertFiles && { tlsCaCertFiles }) } }).tls?.serverName;
    expect(nameFor("tls://hubble-relay.kube-system.svc:443", ["ca"])).toBe(DEFAULT_SERVER_NAME);
    expect(nameFor("tls://hubble-relay.kube-system.svc.cluster.local:443")).toBe(
      DEFAULT_SERVER_NAME,
    );
    expect(nameFor("tls://localhost:4245", ["ca"])).toBe(DEFAULT_SERVER_NAME);
    expect(nameFor("tls://10.0.0.1:443")).toBe(DEFAULT_SERVER_NAME);
    expect(nameFor("tls://x.hubble-relay.cilium.io:443", ["ca"])).toBe("x.hubble-relay.cilium.io");
    expect(nameFor("tls://hubble.example.com:443")).toBe("hubble.example.com");
    expect(nameFor("tls://hubble.example.com:443", ["ca"])).toBe(DEFAULT_SERVER_NAME);
  });

  it("refuses half a key pair, and a pair without TLS, and says where", () => {
    const server = "tls://relay";
    expect(problems({ flags: { server, tlsClientKeyFile: "k" } })).toEqual([
      "HUBBLE_TLS_PAIR at --tls-client-key-file",
    ]);
    expect(problems({ env: { HUBBLE_SERVER: server, HUBBLE_TLS_CLIENT_CERT_FILE: "c" } })).toEqual([
      "HUBBLE_TLS_PAIR at HUBBLE_TLS_CLIENT_CERT_FILE",
    ]);
    expect(problems({ flags: { tlsClientCertFile: "c", tlsClientKeyFile: "k" } })).toEqual([
      "HUBBLE_TLS_REQUIRED at --tls-client-cert-file",
    ]);
  });

  it("does not let a TLS flag end in a plaintext connection", () => {
    expect(problems({ flags: { tlsCaCertFiles: ["ca"] } })).toEqual([
      "HUBBLE_TLS_REQUIRED at --tls-ca-cert-files",
    ]);
    expect(problems({ env: { HUBBLE_TLS_CA_CERT_FILES: "ca" } })).toEqual([]);
  });

  it("tells a bad address, a bad boolean and TLS on a unix socket", () => {
    expect(problems({ flags: { server: "relay:x" } })).toEqual(["HUBBLE_ADDRESS at --relay"]);
    expect(problems({ env: { HUBBLE_TLS: "maybe" } })).toEqual([
      "HUBBLE_ENV_BOOLEAN at HUBBLE_TLS",
    ]);
    expect(problems({ flags: { server: "unix:///x", tls: true } })).toEqual([
      "HUBBLE_TLS_UNIX at --tls",
    ]);
  });
});
