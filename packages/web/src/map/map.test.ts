import type { MapAnswer, MapEdge, MapNode, Peer } from "@dropscope/model";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { foldedId, graphOf, GROUP_MOST, MOST_NODES, type Switches } from "./graph.js";
import { createMemory, layoutOf } from "./layout.js";
import { ranksOf } from "./ranks.js";
import { routesOf, widthOf } from "./routes.js";
import { dropsText } from "./words.js";

const ALL: Switches = {
  dns: true,
  host: true,
  deniedOnly: false,
  folded: new Set(),
  opened: new Set(),
};

const idOf = ({ kind, namespace, name }: Peer): string => `${kind}|${namespace}|${name}`;
const workload = (namespace: string, name: string): Peer => ({ kind: "workload", namespace, name });
const WORLD: Peer = { kind: "entity", namespace: "", name: "world" };

function edge(from: Peer, to: Peer, more: Partial<MapEdge> = {}): [Peer, Peer, MapEdge] {
  const id = `${idOf(from)}→${idOf(to)}`;
  const base = {
    forwarded: 1,
    dropped: 0,
    drops: 0,
    ports: [],
    kind: "other",
    problems: [],
  } as const;
  return [from, to, { id, from: idOf(from), to: idOf(to), ...base, ...more }];
}

function answerOf(lines: readonly [Peer, Peer, MapEdge][]): MapAnswer {
  const peers = new Map(lines.flatMap(([a, b]) => [a, b]).map((peer) => [idOf(peer), peer]));
  return {
    from: 0,
    to: 60_000,
    nodes: [...peers].map(([id, peer]): MapNode => ({
      id,
      peer,
      forwarded: 0,
      dropped: 0,
      problems: [],
    })),
    edges: lines.map(([, , each]) => each),
    problems: [],
    left: 0,
    coverage: {} as MapAnswer["coverage"],
  };
}

const WEB = workload("web", "frontend");
const CART = workload("web", "cart");
const API = workload("payments", "api");
const SHOP = [
  edge(WORLD, WEB),
  edge(WEB, CART),
  edge(CART, API, { drops: 9, dropped: 0.1, problems: ["p"] }),
  edge(API, WORLD),
  edge(WEB, workload("kube-system", "coredns"), { kind: "dns" }),
];

describe("the graph of the map", () => {
  it("has a group for each namespace, and two for what lies outside", () => {
    const { groups } = graphOf(answerOf(SHOP), ALL);
    expect(groups.map(({ key }) => key)).toEqual([
      ":outside-from",
      ":outside-to",
      "kube-system",
      "payments",
      "web",
    ]);
  });

  it("leaves out name lookups, and what was not denied, when it is told to", () => {
    const without = graphOf(answerOf(SHOP), { ...ALL, dns: false });
    expect(without.groups.some(({ key }) => key === "kube-system")).toBe(false);
    expect(without.dns).toBe(1);
    const denied = graphOf(answerOf(SHOP), { ...ALL, deniedOnly: true });
    expect(denied.links.map(({ drops }) => drops)).toEqual([9]);
    expect(denied).toMatchObject({ denied: 1, drops: 9 });
  });

  it("folds a namespace into one, with the sum of what crosses its border", () => {
    const graph = graphOf(answerOf(SHOP), { ...ALL, folded: new Set(["web"]) });
    const web = graph.groups.find(({ key }) => key === "web");
    expect(web).toMatchObject({ folded: true, size: 2 });
    expect(web?.items).toHaveLength(1);
    const link = graph.links.find(({ from }) => from === foldedId("web"));
    expect(graph.links.some(({ from, to }) => from === to)).toBe(false);
    expect(link).toBeDefined();
    expect(graph.links.flatMap(({ problems }) => problems)).toEqual(["p"]);
  });

  it("starts folded where there is too much, and opens one by one", () => {
    const many = Array.from({ length: MOST_NODES + 2 }, (_, index) =>
      edge(workload(`ns-${index % 40}`, `s-${index}`), API),
    );
    const graph = graphOf(answerOf(many), { ...ALL, opened: new Set(["ns-3"]) });
    expect(graph.groups.filter(({ folded }) => !folded).map(({ key }) => key)).toEqual(["ns-3"]);
    const crowd = Array.from({ length: GROUP_MOST + 1 }, (_, index) =>
      edge(API, { kind: "ip", namespace: "", name: `192.0.2.${index}` }),
    );
    const outside = graphOf(answerOf(crowd), ALL).groups.find(({ key }) => key === ":outside-to");
    expect(outside).toMatchObject({ folded: true, size: GROUP_MOST + 1 });
  });
});

describe("the layout of the map", () => {
  it("puts who asks left of whom it asks", () => {
    const ranks = ranksOf(
      ["a", "b", "c"],
      [
        { from: "b", to: "a" },
        { from: "a", to: "c" },
      ],
    );
    expect([ranks.get("b"), ranks.get("a"), ranks.get("c")]).toEqual([0, 1, 2]);
  });

  const graphs = fc
    .array(
      fc.tuple(
        fc.integer({ min: 0, max: 14 }),
        fc.integer({ min: 0, max: 14 }),
        fc.integer({ min: 0, max: 5 }),
      ),
      { minLength: 1, maxLength: 60 },
    )
    .map((pairs) => {
      const peer = (index: number): Peer => workload(`ns-${index % 4}`, `s-${index}`);
      const lines = pairs.map(([from, to, drops]) => edge(peer(from), peer(to), { drops }));
      return answerOf([...new Map(lines.map((line) => [line[2].id, line])).values()]);
    });

  it("lets no two boxes overlap, and keeps all within the picture", () => {
    fc.assert(
      fc.property(graphs, fc.constantFrom(700, 1300, 9000), (answer, room) => {
        const layout = layoutOf(graphOf(answer, ALL), createMemory(), room);
        for (const boxes of [[...layout.items.values()], [...layout.groups.values()]]) {
          boxes.forEach((a, index) => {
            expect(a.x >= 0 && a.x + a.width <= layout.width).toBe(true);
            expect(a.y >= 0 && a.y + a.height <= layout.height).toBe(true);
            for (const b of boxes.slice(index + 1)) {
              const apart =
                a.x + a.width <= b.x ||
                b.x + b.width <= a.x ||
                a.y + a.height <= b.y ||
                b.y + b.height <= a.y;
              expect(apart, `${a.id} ${b.id}`).toBe(true);
            }
          });
        }
      }),
      { numRuns: 60 },
    );
  });

  it("stays where it is when the same comes again, and when an edge turns denied", () => {
    const memory = createMemory();
    const first = layoutOf(graphOf(answerOf(SHOP), ALL), memory);
    const turned = SHOP.map(([from, to, each]): [Peer, Peer, MapEdge] => [
      from,
      to,
      { ...each, drops: 4 },
    ]);
    expect(layoutOf(graphOf(answerOf(turned), ALL), memory).items).toEqual(first.items);
  });

  it("keeps the columns of those that stay when a new one comes", () => {
    const memory = createMemory();
    const before = layoutOf(graphOf(answerOf(SHOP), ALL), memory);
    const more = [...SHOP, edge(workload("monitoring", "prometheus"), API)];
    const after = layoutOf(graphOf(answerOf(more), ALL), memory);
    for (const [id, box] of before.items) {
      if (id.includes("world")) continue;
      expect(after.items.get(id)?.x, id).toBe(box.x);
    }
  });

  it("draws a line for what passed and one for what was denied, with its number", () => {
    const graph = graphOf(answerOf(SHOP), ALL);
    const layout = layoutOf(graph, createMemory());
    const routes = routesOf(graph.links, layout, dropsText);
    expect(routes).toHaveLength(graph.links.length);
    const last = routes.at(-1);
    expect(last?.link.drops).toBe(9);
    expect(last?.denied).toMatch(/^M[\d.]+ [\d.]+C/);
    expect(last?.label?.text).toBe("9");
    expect(routes.filter(({ label }) => label).map(({ link }) => link.drops)).not.toContain(0);
  });

  it("is finite for any numbers", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e12, noNaN: true }), (rate) => {
        expect(widthOf(rate)).toBeGreaterThanOrEqual(0);
        expect(widthOf(rate)).toBeLessThanOrEqual(7);
      }),
    );
  });
});
