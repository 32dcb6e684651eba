import { array, assert, integer, property, record } from "fast-check";
import { expect, test } from "vitest";
import { flowMaker, START_MS, testPod } from "../testing.js";
import type { Answer } from "../read/observation.js";
import { readObservation } from "../read/read.js";
import { createNameHistory } from "./history.js";

const flows = flowMaker();
const at = (seconds: number): number => START_MS + seconds * 1000;
const names = (list: { name: string }[]): string[] => list.map(({ name }) => name);

test("an address has the names that were answered up to then, newest answer first per pod", () => {
  const history = createNameHistory();
  const ips = ["203.0.113.7", "203.0.113.8"];
  history.observe(flows.answer(0, "API.example.com", { ips, ttl: 60 }));
  history.observe(flows.answer(50, "cdn.example.com", { ips: ["203.0.113.7"] }));
  expect(names(history.namesOf("203.0.113.7", at(-1)))).toEqual([]);
  expect(names(history.namesOf("203.0.113.7", at(10)))).toEqual(["api.example.com"]);
  expect(history.namesOf("203.0.113.7", at(100))).toMatchObject([
    { name: "api.example.com", at: at(0), until: at(60), node: "node-1" },
    { name: "cdn.example.com", at: at(50), until: at(80) },
  ]);
  expect(history.addressesOf("api.example.com.")).toBe(2);
});

test("pods and nodes see answers of their own", () => {
  const history = createNameHistory();
  const other = testPod("web/cart", { node: "node-5" });
  const ips = ["203.0.113.7"];
  history.observe(flows.answer(0, "a.example", { ips }));
  history.observe(flows.answer(5, "a.example", { ips, client: other }));
  const all = history.namesOf("203.0.113.7", at(9));
  expect(all.map(({ node }) => node)).toEqual(["node-5", "node-1"]);
  expect(history.namesOf("203.0.113.7", at(9), { node: "node-1" })).toHaveLength(1);
  expect(history.namesOf("203.0.113.7", at(9), { pod: other.pod })).toMatchObject([{ at: at(5) }]);
});

test("only answers that name addresses count", () => {
  const history = createNameHistory();
  history.observe(flows.request(0, "a.example"));
  history.observe(flows.answer(0, "a.example", { rcode: 3, ips: ["203.0.113.7"] }));
  history.observe(flows.answer(0, "a.example", { rcode: 5, ips: ["203.0.113.7"], refused: true }));
  history.observe(flows.answer(0, "a.example"));
  history.observe(flows.query(0));
  expect(history.stats()).toEqual({ sightings: 0, addresses: 0, names: 0 });
});

test("a million names take no more room than the limit", () => {
  const history = createNameHistory({ maxSightings: 1000 });
  const one = readObservation(flows.answer(0, "x", { ips: ["203.0.113.7"] })) as Answer;
  for (let i = 0; i < 1_000_000; i++)
    history.learn({
      ...one,
      query: `h${i}.example.com`,
      ips: [`203.0.${(i >> 8) & 255}.${i & 255}`],
    });
  const { sightings, addresses, names: known } = history.stats();
  expect([sightings, addresses, known]).toEqual([1000, 1000, 1000]);
  expect(names(history.namesOf("203.0.66.63", at(1)))).toEqual(["h999999.example.com"]);
}, 60_000);

test("property: the order of answers does not matter", () => {
  const answer = record({
    at: integer({ min: 0, max: 60 }),
    ttl: integer({ min: 0, max: 90 }),
  });
  assert(
    property(array(answer, { maxLength: 8 }), integer({ min: 0, max: 90 }), (list, when) => {
      const [forth, back] = [createNameHistory(), createNameHistory()];
      const all = list.map((one) =>
        flows.answer(one.at, "a.example", { ips: ["192.0.2.1"], ttl: one.ttl }),
      );
      for (const flow of all) forth.observe(flow);
      for (const flow of [...all, ...all].reverse()) back.observe(flow);
      expect(back.namesOf("192.0.2.1", at(when))).toEqual(forth.namesOf("192.0.2.1", at(when)));
    }),
  );
});
