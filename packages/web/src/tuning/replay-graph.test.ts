import type { MapAnswer, MapEdge, Peer, ReplayGroup } from "@dropscope/model";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { graphOf } from "../map/graph.js";
import { linkMarks, markText, replayMap } from "./replay-graph.js";

const SECONDS = 1000;
const peers = ["a", "b", "c", "d", "e"].map((name): Peer => ({
  kind: "workload",
  namespace: name < "c" ? "web" : "shop",
  name,
}));
const idOf = ({ namespace, name }: Peer): string => `n:${namespace}/${name}`;

function baseOf(
  lines: readonly [from: number, to: number, port: number, rate: number, drops: number][],
): MapAnswer {
  const edges = new Map<string, MapEdge>();
  for (const [from, to, port, forwarded, drops] of lines) {
    const [source, target] = [idOf(peers[from]!), idOf(peers[to]!)];
    const id = `${source} ${target}`;
    const dropped = drops / SECONDS;
    edges.set(id, {
      id,
      from: source,
      to: target,
      forwarded,
      dropped,
      drops,
      ports: [{ port, protocol: "TCP", forwarded, dropped }],
      kind: "other",
      problems: drops > 0 ? ["p"] : [],
    });
  }
  const ends = new Set([...edges.values()].flatMap((edge) => [edge.from, edge.to]));
  return {
    from: 0,
    to: SECONDS * 1000,
    nodes: peers
      .filter((peer) => ends.has(idOf(peer)))
      .map((peer) => ({ id: idOf(peer), peer, forwarded: 0, dropped: 0, problems: [] })),
    edges: [...edges.values()],
    problems: [],
    left: 0,
    coverage: undefined as never,
  };
}

function groupOf(
  change: ReplayGroup["change"],
  from: number,
  to: number,
  port: number,
  flows: number,
): ReplayGroup {
  return {
    id: `${change} ${from} ${to} ${port}`,
    change,
    client: peers[from]!,
    server: peers[to]!,
    protocol: "TCP",
    port,
    flows,
    pods: 1,
    firstSeen: 0,
    lastSeen: 0,
    trend: [],
    direction: "ingress",
    says: "",
    policies: [],
    clause: "",
    seen: { forwarded: flows, dropped: 0, audited: 0 },
  };
}

describe("the map of a change", () => {
  it("what would be denied is denied on it, and passes no more", () => {
    const base = baseOf([
      [0, 1, 80, 5, 0],
      [0, 2, 443, 2, 0],
      [3, 0, 22, 0, 40],
    ]);
    const { answer, marks } = replayMap(base, [
      groupOf("newly-denied", 0, 1, 80, 5 * SECONDS),
      groupOf("newly-allowed", 4, 0, 9000, 30),
    ]);
    const byEnds = new Map(answer.edges.map((edge) => [`${edge.from} ${edge.to}`, edge]));
    expect(byEnds.get("n:web/a n:web/b")).toMatchObject({ forwarded: 0, drops: 5 * SECONDS });
    expect(byEnds.get("n:web/a n:shop/c")).toMatchObject({ forwarded: 2, drops: 0 });
    // Denied before and after: no line stands for two things.
    expect(byEnds.has("n:shop/d n:web/a")).toBe(false);
    const added = answer.edges.find(({ to, forwarded }) => to === "n:web/a" && forwarded > 0);
    expect(added).toMatchObject({ forwarded: 0.03, drops: 0, from: "workload|shop|e" });
    const graph = graphOf(answer, {
      dns: true,
      host: true,
      deniedOnly: false,
      folded: new Set(["web"]),
      opened: new Set(),
    });
    const texts = [...linkMarks(graph, marks).values()].map(markText);
    // What stays inside a folded namespace is in no line.
    expect(texts).toEqual(["30 flows would be allowed"]);
  });

  it("no flow of a change is lost or invented, and what has no change stays as it is", () => {
    const end = fc.nat({ max: 4 });
    const port = fc.constantFrom(80, 443, 9000);
    const lines = fc.array(
      fc.tuple(end, end, port, fc.double({ min: 0, max: 100, noNaN: true }), fc.nat({ max: 9 })),
      { maxLength: 12 },
    );
    const groups = fc.array(
      fc
        .tuple(
          fc.constantFrom("newly-denied" as const, "newly-allowed" as const),
          end,
          end,
          port,
          fc.integer({ min: 1, max: 5000 }),
        )
        .map((parts) => groupOf(...parts)),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(lines, groups, (all, changes) => {
        const base = baseOf(all);
        const { answer, marks } = replayMap(base, changes);
        const sum = (change: string): number =>
          changes
            .filter((one) => one.change === change)
            .reduce((total, { flows }) => total + flows, 0);
        const marked = [...marks.values()];
        expect(marked.reduce((total, { denied }) => total + denied, 0)).toBe(sum("newly-denied"));
        expect(marked.reduce((total, { allowed }) => total + allowed, 0)).toBe(
          sum("newly-allowed"),
        );
        expect(answer.edges.reduce((total, { drops }) => total + drops, 0)).toBe(
          sum("newly-denied"),
        );
        const nodes = new Set(answer.nodes.map(({ id }) => id));
        for (const edge of answer.edges) {
          expect(nodes.has(edge.from) && nodes.has(edge.to)).toBe(true);
          expect(edge.forwarded).toBeGreaterThanOrEqual(0);
        }
        for (const edge of base.edges) {
          const after = answer.edges.find(({ id }) => id === edge.id);
          if (edge.forwarded > 0 && !marks.has(edge.id))
            expect(after?.forwarded).toBe(edge.forwarded);
        }
      }),
    );
  });
});
