import { describe, expect, it } from "vitest";
import { parseAddress } from "./address.js";

describe("parseAddress", () => {
  it.each([
    ["relay", "relay:4245", false],
    ["relay:80", "relay:80", false],
    [
      "hubble-relay.kube-system.svc.cluster.local:80",
      "hubble-relay.kube-system.svc.cluster.local:80",
      false,
    ],
    ["tls://relay", "relay:4245", true],
    ["tls://relay:443", "relay:443", true],
    ["127.0.0.1", "127.0.0.1:4245", false],
    ["[::1]", "[::1]:4245", false],
    ["[fd00::7]:80", "[fd00::7]:80", false],
    ["::1", "[::1]:4245", false],
    ["tls://[::1]:443", "[::1]:443", true],
    ["unix:///var/run/cilium/hubble.sock", "unix:///var/run/cilium/hubble.sock", false],
    ["unix:/run/h.sock", "unix:///run/h.sock", false],
    ["  relay:80 ", "relay:80", false],
  ])("reads %s as %s", (text, dial, tls) => {
    expect(parseAddress(text)).toMatchObject({ ok: true, address: { dial, tls } });
  });

  it.each([
    ["", "empty"],
    ["http://relay:80", "tls://"],
    ["relay:", "port"],
    ["relay:http", "port"],
    ["relay:0", "1 to 65535"],
    ["relay:65536", "1 to 65535"],
    [":80", "host is missing"],
    ["a:b:c", "IPv6"],
    ["[::1", "IPv6"],
    ["[nope]:80", "IPv6"],
    ["relay:80/path", "path"],
    ["two words", "spaces"],
    ["-x", "host name"],
    ["unix:relative.sock", "absolute"],
    ["user:geheim@relay:80", "user name"],
  ])("refuses %s", (text, why) => {
    const result = parseAddress(text);
    expect(result).toMatchObject({ ok: false, why: expect.stringContaining(why) });
    expect(JSON.stringify(result)).not.toContain("geheim");
  });
});
