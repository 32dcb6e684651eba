import { describe, expect, test } from "vitest";
import { blockOf, isForMany } from "./blocks.js";

describe("a block", () => {
  test.each([
    ["203.0.113.77", { v4: 32, v6: 128 }, "203.0.113.77/32"],
    ["203.0.113.77", { v4: 24, v6: 128 }, "203.0.113.0/24"],
    ["203.0.113.77", { v4: 29, v6: 128 }, "203.0.113.72/29"],
    ["203.0.113.77", { v4: 0, v6: 0 }, "0.0.0.0/0"],
    ["2001:db8::1", { v4: 32, v6: 128 }, "2001:db8::1/128"],
    ["2001:db8:1:2:3:4:5:6", { v4: 32, v6: 64 }, "2001:db8:1:2::/64"],
    ["2001:db8:1:2:3:4:5:6", { v4: 32, v6: 44 }, "2001:db8::/44"],
    ["::ffff:10.1.2.3", { v4: 32, v6: 128 }, "::ffff:a01:203/128"],
    ["::1", { v4: 32, v6: 0 }, "::/0"],
    ["fe80::1%eth0", { v4: 32, v6: 128 }, "fe80::1/128"],
  ])("around %s of %j is %s", (address, prefixes, block) => {
    expect(blockOf(address, prefixes)).toBe(block);
  });
});

test.each([
  ["224.0.0.251", true],
  ["239.255.255.250", true],
  ["255.255.255.255", true],
  ["ff02::fb", true],
  ["10.0.0.1", false],
  ["240.0.0.1", false],
  ["2001:db8::1", false],
])("%s is for many: %s", (address, many) => {
  expect(isForMany(address)).toBe(many);
});
