import type { DnsRatesAnswer } from "@dropscope/model";
import { afterAll, beforeAll, expect, test } from "vitest";
import { serveDashboard, type ServedDashboard } from "../testing/serve.js";

const MINUTE = 60_000;
const START = Date.parse("2026-04-01T12:00:00Z");
let served: ServedDashboard;

beforeAll(async () => {
  served = await serveDashboard();
  served.knowledge.stored.lookups.push(
    { minute: START, namespace: "web", count: 7 },
    { minute: START, namespace: "web", rcode: 0, count: 4 },
    { minute: START + MINUTE, namespace: "web", rcode: 3, count: 2 },
  );
});
afterAll(() => served.close());

async function ask(query: string): Promise<{ status: number; body: DnsRatesAnswer }> {
  const response = await fetch(`${served.url}/api/v1/dns/rates?${query}`);
  return { status: response.status, body: (await response.json()) as DnsRatesAnswer };
}

test("lookups of a range, a series for each response code", async () => {
  const { status, body } = await ask(`from=${START}&to=${START + 2 * MINUTE - 1}`);
  expect(status).toBe(200);
  expect(body.asked).toEqual([7, 0]);
  expect(body.answers).toEqual({
    from: START,
    to: START + 2 * MINUTE,
    stepMs: MINUTE,
    series: [
      { key: "0", counts: [4, 0] },
      { key: "3", counts: [0, 2] },
    ],
    gaps: [],
  });
});

test("a long range has longer steps, whole minutes each", async () => {
  const { body } = await ask(`from=${START}&to=${START + 24 * 60 * MINUTE}`);
  expect(body.answers.stepMs % MINUTE).toBe(0);
  expect(body.asked.length).toBeLessThanOrEqual(302);
  expect(body.asked.reduce((sum, each) => sum + each, 0)).toBe(7);
});

test("a parameter that it does not have is refused", async () => {
  expect((await ask("filter=--pod+web/cart")).status).toBe(400);
});
