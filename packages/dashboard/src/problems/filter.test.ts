import { describe, expect, test } from "vitest";
import { explanationAt, problemAt } from "../testing/problems.js";
import { parseProblemFilter } from "./filter.js";

const NOW = Date.parse("2026-11-22T12:00:00Z");
const dns = problemAt(NOW, { nodes: ["node-1", "node-2"], nodeCount: 2 });
const world = problemAt(NOW, {
  destination: { kind: "name", namespace: "", name: "api.paywell.example" },
  peers: ["192.0.2.7"],
  explanation: explanationAt(NOW, { sentence: "web/checkout may not reach api.paywell.example." }),
  protocol: "TCP",
  port: 443,
});

describe("words and flags", () => {
  test.each<[string, boolean, boolean]>([
    ["", true, true],
    ["checkout", true, true],
    ["CoreDNS", true, false],
    ["checkout paywell", false, true],
    ["--to-port 53", true, false],
    ["checkout --to-port 443 paywell", false, true],
    ["--from-pod web/checkout", true, true],
    ["--from-namespace payments", false, false],
    ["-n kube-system", true, false],
    ["--port 53", true, false],
    ["--to-fqdn *.paywell.example", false, true],
    ["--to-ip 192.0.2.0/24", false, true],
    ["--node-name node-2", true, false],
    ["--protocol udp", true, false],
    ["--verdict FORWARDED", false, false],
    ["--not --to-port 53", false, true],
    ["--drop-reason-desc POLICY_DENIED", true, true],
    ["--not --node-name node-2", true, true],
    ["--policy web/checkout-egress", true, true],
    ["--policy nobody", false, false],
    ["--not --policy *-egress", false, false],
    [`--problem ${dns.id}`, true, false],
    ["--problem 0123456789abcdef", false, false],
  ])("%j", (line, first, second) => {
    const matches = parseProblemFilter(line);
    expect([matches(dns), matches(world)]).toEqual([first, second]);
  });

  test("what audit mode let through is not dropped", () => {
    const audited = problemAt(NOW, { explanation: explanationAt(NOW, { audited: true }) });
    expect(parseProblemFilter("--verdict AUDIT")(audited)).toBe(true);
    expect(parseProblemFilter("--verdict DROPPED")(audited)).toBe(false);
  });
});

describe("what is refused, and where", () => {
  test.each<[string, string, [number, number] | undefined]>([
    ["checkout --to-prt 53", "FILTER_INVALID", [9, 17]],
    ["--to-label app=web", "FILTER_UNSUPPORTED", [0, 18]],
    ["web --to-port 53 --not --from-port 80 x", "FILTER_UNSUPPORTED", [23, 37]],
    ["web --to-port x", "FILTER_INVALID", [14, 15]],
    ["web 'open", "FILTER_INVALID", [4, 9]],
  ])("%s", (line, code, at) => {
    expect(() => parseProblemFilter(line)).toThrow(expect.objectContaining({ code, at }));
  });
});
