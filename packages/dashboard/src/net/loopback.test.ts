import { describe, expect, test } from "vitest";
import { isLoopback, loopbackAddress } from "./loopback.js";

describe("S1: without authentication only loopback is bound", () => {
  test.each([
    "127.0.0.1",
    "127.0.0.53",
    "127.255.255.254",
    "::1",
    "0:0:0:0:0:0:0:1",
    "::ffff:127.0.0.1",
    "::ffff:7f00:1",
  ])("%s is loopback", (address) => expect(isLoopback(address)).toBe(true));

  test.each([
    "0.0.0.0",
    "::",
    "10.0.0.1",
    "128.0.0.1",
    "126.255.255.255",
    "::2",
    "::ffff:10.0.0.1",
    "fe80::1%lo",
    "2001:db8::127.0.0.1",
    "127.0.0.1.evil.example",
    "localhost",
    "",
  ])("%s is not", (address) => expect(isLoopback(address)).toBe(false));

  test.each<[string, string[], string]>([
    ["localhost", ["127.0.0.1", "::1"], "127.0.0.1"],
    ["localhost", ["::1", "127.0.0.1"], "127.0.0.1"],
    ["ip6-localhost", ["::1"], "::1"],
    ["127.0.0.9", [], "127.0.0.9"],
    ["::1", [], "::1"],
  ])("%s with %j binds %s", async (host, addresses, bound) => {
    expect(await loopbackAddress(host, async () => addresses)).toBe(bound);
  });

  test.each<[string, string[]]>([
    ["", []],
    ["0.0.0.0", []],
    ["::", []],
    ["0", ["0.0.0.0"]],
    ["192.168.1.4", []],
    ["myhost", ["192.168.1.4"]],
    // Half a promise is none.
    ["myhost", ["127.0.0.1", "192.168.1.4"]],
    ["nothing", []],
  ])("%j with %j is refused", async (host, addresses) => {
    await expect(loopbackAddress(host, async () => addresses)).rejects.toMatchObject({
      code: "BIND_NEEDS_AUTH",
      exitCode: 78,
    });
  });

  test("a name without an address says so", async () => {
    const nowhere = async () => Promise.reject(new Error("ENOTFOUND"));
    await expect(loopbackAddress("no.such.host", nowhere)).rejects.toMatchObject({
      code: "BIND_UNKNOWN_HOST",
    });
  });
});
