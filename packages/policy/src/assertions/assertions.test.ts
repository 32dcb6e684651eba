import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { policyLists } from "../../../../test/kit/policy-arbitraries.js";
import { PORTS, worlds } from "../../../../test/kit/policy-worlds.js";
import { matchContext } from "../match/context.js";
import { parseManifests } from "../parse/manifests.js";
import type { Protocol } from "../policy.js";
import { decide } from "../reference/decide.js";
import { podEndpoint } from "../world/ends.js";
import type { World } from "../world/world.js";
import type { Assertion } from "./assertion.js";
import { type AssertedConnection, contradictions, createAssertionJudge } from "./judge.js";
import { readAssertions } from "./read.js";

const HEAD = "apiVersion: dropscope.io/v1\nkind: PolicyTest\n";

function read(text: string) {
  return readAssertions(parseManifests(text, "t.yaml").sources);
}

describe("assertions as they are written", () => {
  it("are read with ends, ports and places, one value as a list of one", () => {
    const { assertions, problems } = read(`${HEAD}metadata: {name: x, namespace: shop}
assertions:
  - name: web reads
    allow: { from: web, to: [db, "10.0.0.1"], port: [5432, 8000-8010, pg, any], protocol: udp }
  - deny:
      from: any
      exceptFrom: web
      to: db
`);
    expect(problems).toEqual([]);
    const [first, second] = assertions;
    expect(first).toMatchObject({ expects: "allow", name: "web reads", namespace: "shop" });
    expect(first?.to.map(({ text }) => text)).toEqual(["db", "10.0.0.1"]);
    expect(first?.ports.map(({ of, first: from, last }) => [of, from, last])).toEqual([
      ["one", 5432, 5432],
      ["range", 8000, 8010],
      ["one", 0, 0],
      ["any", 1, 65_535],
    ]);
    expect(first?.protocol).toBe("UDP");
    expect(first?.place).toMatchObject({ file: "t.yaml", line: 5 });
    expect(second?.name).toBe("deny any except web to db");
    expect(second?.exceptFrom[0]?.place.line).toBe(9);
  });

  it("may use anchors and stand among manifests, in several documents", () => {
    const { assertions, problems } = read(`apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
${HEAD}assertions:
  - allow: &web { from: web, to: db, port: 1 }
  - allow: *web # again
---
${HEAD}assertions: [{ deny: { from: a, to: b } }]
`);
    expect([problems, assertions.length]).toEqual([[], 3]);
  });

  it.each<[string, string, RegExp]>([
    ["no list", "{}", /there is no assertion/],
    ["an empty list", "[]", /there is no assertion/],
    ["a text", "[allow]", /this is no assertion/],
    ["neither word", "[{ name: x }]", /neither allow nor deny/],
    ["both words", "[{ allow: {from: a, to: b}, deny: {from: a, to: b} }]", /both allow and deny/],
    ["a word that is misspelt", "[{ alow: {from: a, to: b} }]", /"alow" is no field/],
    ["no connection", "[{ allow: a to b }]", /there is no connection/],
    ["an unknown field", "[{ allow: {from: a, to: b, ports: 1} }]", /"ports" is no field/],
    ["no source", "[{ allow: {to: b} }]", /from is missing/],
    ["an empty list of ends", "[{ allow: {from: [], to: b} }]", /from is missing/],
    ["a number as an end", "[{ allow: {from: 10.1, to: b} }]", /10.1 is no end/],
    ["an object as an end", "[{ allow: {from: {pod: a}, to: b} }]", /is no end/],
    ["a port that is too large", "[{ allow: {from: a, to: b, port: 65536} }]", /65536 is no port/],
    ["a port of nothing", "[{ allow: {from: a, to: b, port: [''] } }]", /"" is no port/],
    ["a broken port", "[{ allow: {from: a, to: b, port: 1.5} }]", /1.5 is no port/],
    ["a range backwards", "[{ allow: {from: a, to: b, port: 9-8} }]", /"9-8" is no port/],
    ["an unknown protocol", "[{ allow: {from: a, to: b, protocol: IP} }]", /"IP" is no protocol/],
    ["a name that is a map", "[{ name: {a: 1}, allow: {from: a, to: b} }]", /name is no text/],
  ])("%s is refused at its place", (_what, list, message) => {
    const { problems } = read(`${HEAD}assertions: ${list}\n`);
    expect(problems.map((one) => one.message).join("; ")).toMatch(message);
    expect(problems.every(({ place, fix }) => place.line === 3 && fix !== "")).toBe(true);
  });

  it("what only looks like assertions is not passed over", () => {
    const text = "assertions:\n  - allow: {from: a, to: b}\n";
    for (const head of ["", "apiVersion: dropscope.io/v2\nkind: PolicyTest\n"])
      expect(read(`${head}${text}`).problems[0]?.fix).toMatch(/apiVersion: dropscope.io\/v1/);
  });
});

const place = { file: "t.yaml", line: 1, column: 1, path: "" };

function assertion(expects: "allow" | "deny", name: string = expects): Assertion {
  const lists = { from: [], to: [], exceptFrom: [], exceptTo: [], ports: [] };
  return { expects, name, namespace: "default", protocol: undefined, place, ...lists };
}

describe("what policies say to assertions", () => {
  it("is what the evaluator says to every port of them, in random worlds", () => {
    const allow = assertion("allow");
    const deny = assertion("deny");
    const seen = { held: 0, failed: 0 };
    fc.assert(
      fc.property(worlds, policyLists, ports, (world, policies, [protocol, first, last]) => {
        const context = matchContext(world.profile, world);
        const judge = createAssertionJudge({ policies, context } as unknown as World);
        for (const from of world.endpoints.slice(0, 4))
          for (const to of world.endpoints.slice(0, 4)) {
            const answers = numbers(first, last).map(
              (port) => decide({ from, to, protocol, port }, policies, context).allowed,
            );
            const shared = { from, to, protocol, ports: [[first, last]] as const };
            const open = judge({ ...shared, assertion: allow });
            const closed = judge({ ...shared, assertion: deny });
            expect([open === undefined, closed === undefined]).toEqual([
              answers.every(Boolean),
              !answers.some(Boolean),
            ]);
            seen[open === undefined ? "held" : "failed"] += 1;
          }
      }),
      { numRuns: 60 },
    );
    // Neither answer is the only one that there is.
    expect(Math.min(seen.held, seen.failed)).toBeGreaterThan(50);
  }, 30_000);

  it("contradicts itself where one connection shall pass and shall not", () => {
    fc.assert(
      fc.property(
        fc.array(intervals, { maxLength: 4 }),
        fc.array(intervals, { maxLength: 4 }),
        (a, b) => {
          const [from, to] = ends;
          const shared = { from, to, protocol: "TCP" as const };
          const found = contradictions([
            { ...shared, assertion: assertion("allow"), ports: a },
            { ...shared, assertion: assertion("deny"), ports: b },
            // Turned round it is another connection.
            { ...shared, from: to, to: from, assertion: assertion("deny"), ports: [[1, 65_535]] },
            { ...shared, protocol: "UDP", assertion: assertion("deny"), ports: [[1, 65_535]] },
          ]);
          const both = numbers(1, 30).filter((port) => isIn(a, port) && isIn(b, port));
          expect(found.length).toBe(both.length === 0 ? 0 : 1);
          if (found[0] !== undefined) expect(both).toContain(found[0].port);
        },
      ),
    );
  });
});

const numbers = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, at) => first + at);

const isIn = (list: AssertedConnection["ports"], port: number): boolean =>
  list.some(([first, last]) => first <= port && port <= last);

const intervals = fc
  .tuple(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 0, max: 4 }))
  .map(([first, more]) => [first, Math.min(30, first + more)] as const);

const ports = fc
  .tuple(
    fc.constantFrom<Protocol>("TCP", "UDP", "SCTP", "ICMP"),
    fc.constantFrom(...PORTS),
    fc.integer({ min: 0, max: 2 }),
  )
  .map(([protocol, first, more]): [Protocol, number, number] =>
    protocol === "ICMP" ? [protocol, 8, 8 + more] : [protocol, first, first + more],
  );

const pod = (name: string): AssertedConnection["from"] =>
  podEndpoint({ name, namespace: "shop", labels: { app: name } }, {}, "default");
const ends = [pod("web"), pod("db")] as const;
