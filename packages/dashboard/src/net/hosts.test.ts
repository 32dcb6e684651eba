import { describe, expect, test } from "vitest";
import { createHostRule } from "./hosts.js";

const rule = createHostRule(() => 8080);

describe("Host header: names that are not ours are refused (DNS rebinding)", () => {
  test.each(["localhost:8080", "LOCALHOST:8080", "127.0.0.1:8080", "127.9.9.9:8080", "[::1]:8080"])(
    "%s passes",
    (host) => expect(rule.allowsHost(host)).toBe(true),
  );

  test.each([
    undefined,
    "",
    "localhost",
    "localhost:8081",
    "localhost:08080x",
    "evil.example:8080",
    "localhost.evil.example:8080",
    "evil.localhost:8080",
    "127.0.0.1.nip.io:8080",
    "10.0.0.1:8080",
    "[::2]:8080",
    "[::1:8080",
    "::1",
    "user@localhost:8080",
    "localhost:8080, evil.example",
    "localhost:8080/",
    "0.0.0.0:8080",
    "2130706433:8080",
    "0x7f.1:8080",
    "127.1:8080",
    "localhost.:8080",
  ])("%j is refused", (host) => expect(rule.allowsHost(host)).toBe(false));

  test("port 80 may be left out", () => {
    expect(createHostRule(() => 80).allowsHost("localhost")).toBe(true);
  });

  test("a tunnel's near end passes when it is named", () => {
    const tunnel = createHostRule(() => 8080, ["Bastion.example:9000"]);
    expect(tunnel.allowsHost("bastion.example:9000")).toBe(true);
    expect(tunnel.allowsHost("bastion.example:9001")).toBe(false);
    expect(tunnel.allowsOrigin("https://bastion.example:9000", "bastion.example:9000")).toBe(true);
  });
});

describe("S11: a socket is opened by our own page only", () => {
  const host = "localhost:8080";
  test.each([
    ["http://localhost:8080", "localhost:8080"],
    ["http://localhost:8080", "LocalHost:8080"],
    ["http://127.0.0.1:8080", "127.0.0.1:8080"],
    ["http://[::1]:8080", "[::1]:8080"],
  ])("%s to %s passes", (origin, to) => expect(rule.allowsOrigin(origin, to)).toBe(true));

  test.each([
    undefined,
    "",
    "null",
    "https://evil.example",
    "http://evil.example:8080",
    "https://localhost:8080",
    "http://localhost",
    "http://localhost:8081",
    "http://localhost:80800",
    "HTTP://LOCALHOST:8080",
    "http://Localhost:8080",
    "http://127.0.0.1:8080",
    "http://app.localhost:8080",
    "http://localhost:8080.evil.example",
    "http://localhost:8080/",
    "http://localhost:8080@evil.example",
    "http://localhost:8080 http://evil.example",
    "file://",
  ])("%j to localhost:8080 is refused", (origin) => {
    expect(rule.allowsOrigin(origin, host)).toBe(false);
  });

  test("a foreign host is refused even when its page has the same origin", () => {
    expect(rule.allowsOrigin("http://evil.example:8080", "evil.example:8080")).toBe(false);
  });
});
