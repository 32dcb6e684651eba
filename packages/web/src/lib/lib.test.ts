import type { Coverage, Edge, FlowRow, Gap } from "@dropscope/model";
import { describe, expect, it } from "vitest";
import { bandAt, bandsOf, watchCoverage, withGaps } from "./bands.js";
import { errorDocs } from "./error-docs.js";
import { edgeFilter, flowFilter, peerText, portText } from "./peer.js";
import { TONES, tonesFor } from "./tones.js";
import { asSentence, reasonTitle, verdictKind, verdictWord } from "./words.js";

describe("bands", () => {
  const coverage = (change: Partial<Coverage>): Coverage => ({
    now: 0,
    source: { kind: "relay", address: "", state: "ok", message: "" },
    nodes: { connected: 3, total: 3, unavailable: [] },
    lost: { recent: 0, total: 0 },
    lagMs: 0,
    flowsPerSecond: 0,
    store: { state: "ok", message: "", waiting: 0, quarantined: 0 },
    ...change,
  });

  it("a gap becomes a band with its cause in words", () => {
    const bands = bandsOf([
      {
        time: "2025-11-22T14:00:10Z",
        node: "n1",
        cause: "hubble-ring",
        count: 12,
        from: "2025-11-22T14:00:00Z",
      },
      { time: "nonsense", node: "", cause: "spool-full", count: 0 },
    ]);
    expect(bands).toHaveLength(1);
    expect(bands[0]?.label).toBe(
      "n1: 12 events lost, Hubble's ring was overwritten before it was read",
    );
    const at = Date.parse("2025-11-22T14:00:05Z");
    expect(bandAt(bands, at, at + 1000)).toContain("12 events lost");
    expect(bandAt(bands, at + 60_000, at + 61_000)).toBe("");
  });

  it("an outage is a band until it is closed, and what the page saw itself stays", () => {
    const at = Date.parse("2025-11-22T14:00:00Z");
    const outage: Gap = {
      time: "2025-11-22T14:00:10Z",
      node: "n3",
      cause: "node-unavailable",
      count: 0,
      from: "2025-11-22T14:00:00Z",
    };
    const own = { from: at, to: Number.POSITIVE_INFINITY, label: "1 of 3 nodes not connected" };
    const open = withGaps(bandsOf([outage]), [own]);
    expect(bandAt(open, at + 3_600_000, at + 3_601_000)).toMatch(/^n3: .*; 1 of 3 nodes/);
    const closed = withGaps(bandsOf([{ ...outage, to: "2025-11-22T14:05:00Z" }]), open);
    expect(closed).toHaveLength(2);
    expect(bandAt(closed, at + 240_000, at + 241_000)).toMatch(/^n3: /);
    expect(bandAt(closed, at + 3_600_000, at + 3_601_000)).toBe(own.label);
    // A node that never came back has left, and does not mark charts for ever.
    expect(bandAt(bandsOf([outage]), at + 90_000_000, at + 90_001_000)).toBe("");
  });

  it("events lost between two looks are a band between them", () => {
    const before = coverage({ now: 1000, lost: { recent: 0, total: 5 } });
    const bands = watchCoverage(
      [],
      before,
      coverage({ now: 3000, lost: { recent: 7, total: 12 } }),
    );
    expect(bands).toEqual([{ from: 1000, to: 3000, label: "7 events lost" }]);
  });

  it("a missing node is a band that stays open until it is back", () => {
    const nodes = { connected: 2, total: 3, unavailable: ["n3"] };
    const open = watchCoverage([], coverage({}), coverage({ now: 2000, nodes }));
    expect(open[0]).toMatchObject({ from: 2000, to: Number.POSITIVE_INFINITY });
    const still = watchCoverage(open, coverage({ nodes }), coverage({ now: 3000, nodes }));
    expect(still).toEqual(open);
    expect(watchCoverage(still, coverage({ nodes }), coverage({ now: 4000 }))[0]).toMatchObject({
      to: 4000,
    });
  });
});

describe("words", () => {
  it.each([
    [
      "no answer at http://127.0.0.1:8123: it timed out..",
      "No answer at http://127.0.0.1:8123: it timed out.",
    ],
    ["Relay refused.", "Relay refused."],
    ["still starting…", "Still starting…"],
    ["  ", ""],
  ])("%j is a sentence", (text, sentence) => {
    expect(asSentence(text)).toBe(sentence);
  });

  it.each([
    ["POLICY_DENIED", "Policy denied"],
    ["POLICY_DENY", "Policy denied by denylist"],
    ["UNSUPPORTED_L3_PROTOCOL", "Unsupported L3 protocol"],
    ["133", "Policy denied"],
    ["9999", "Unknown reason 9999"],
    ["FROM_THE_FUTURE", "Unknown reason FROM_THE_FUTURE"],
    ["", "No reason given"],
  ])("%s reads %s", (name, text) => {
    expect(reasonTitle(name)).toBe(text);
  });

  it("a verdict of a newer Hubble keeps its name and looks unknown", () => {
    expect(verdictKind("QUARANTINED")).toBe("unknown");
    expect(verdictWord("QUARANTINED")).toBe("QUARANTINED");
    expect(verdictKind("constructor")).toBe("unknown");
  });
});

describe("tones", () => {
  it("a reason keeps its step whatever stands beside it", () => {
    expect(tonesFor(["POLICY_DENIED"]).get("POLICY_DENIED")).toBe(0);
    expect(tonesFor(["X", "Y", "POLICY_DENIED"]).get("POLICY_DENIED")).toBe(0);
  });

  it("neighbours have different steps", () => {
    const names = ["POLICY_DENIED", "A", "B", "C", "D"];
    expect(new Set(tonesFor(names).values()).size).toBe(TONES);
  });
});

describe("peers", () => {
  const web = { kind: "workload", namespace: "web", name: "front end" } as const;
  const world = { kind: "entity", namespace: "", name: "world" } as const;

  it("reads as one thing, and an unknown end says so", () => {
    expect(peerText(web)).toBe("web/front end");
    expect(peerText({ kind: "unknown", namespace: "", name: "" })).toBe("unknown");
    expect(portText(53, "UDP")).toBe(":53/UDP");
    expect(portText(0, "ICMPv4")).toBe("ICMPv4");
  });

  it("an edge becomes the flags that find it again", () => {
    const edge = {
      source: web,
      destination: world,
      port: 443,
      protocol: "TCP",
      verdict: "DROPPED",
      reason: "POLICY_DENIED",
    } as Edge;
    expect(edgeFilter(edge, [])).toBe(
      "--verdict DROPPED --from-pod 'web/front end' --to-identity world --to-port 443 --protocol tcp --drop-reason-desc POLICY_DENIED",
    );
  });

  it("a workload is asked for by what the names of its pods surely begin with", () => {
    const name = "a-workload-whose-name-is-longer-than-what-is-kept-of-it-in-the-names-of-pods";
    const row = { source: { ...web, name }, destination: world } as FlowRow;
    const [, value = ""] = /--from-pod (\S+)/.exec(flowFilter(row, [])) ?? [];
    expect(`web/${name}`.startsWith(value)).toBe(true);
    expect(value).toHaveLength("web/".length + 58);
  });

  it("uses only flags that the server knows", () => {
    const edge = {
      source: web,
      destination: world,
      port: 443,
      protocol: "TCP",
      verdict: "DROPPED",
      reason: "",
    } as Edge;
    expect(edgeFilter(edge, [{ name: "--to-port", value: "port", help: "" }])).toBe(
      "--to-port 443",
    );
  });

  it("a reply is found by the port of its server", () => {
    const row = {
      source: world,
      destination: web,
      reply: "yes",
      sourcePort: 443,
      destinationPort: 51000,
    } as FlowRow;
    expect(flowFilter(row, [])).toContain("--from-port 443");
  });
});

describe("error docs", () => {
  it("reads the rows of the table and leaves out its head", () => {
    const text =
      "# Errors\n\n| code | meaning | what to do |\n|---|---|---|\n| `a-b` | It \\| failed. | Try `x`. |\n";
    expect(errorDocs(text)).toEqual([{ code: "a-b", meaning: "It | failed.", next: "Try x." }]);
  });
});
