import type {
  AddressAnswer,
  CompareAnswer,
  ErrorAnswer,
  ExplanationAnswer,
  Flow,
  KnownAnswer,
  MapAnswer,
  PoliciesAnswer,
  PolicyAnswer,
  ProblemAnswer,
  ProblemsAnswer,
} from "@dropscope/model";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DROPS, PAST, type PastCluster, startPastCluster } from "../kit/past-cluster.js";

// One address, two pods within a minute; a policy and a namespace's labels that change: every answer
// about a moment is that of the moment. Through a real store, the real correlator and the real server.

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const { START, CART, HANDED, NOBODY, TAKEN, LEDGER, POLICY_CHANGED, LABELS_CHANGED, REMOVED } =
  PAST;
const { AGAIN, WATCHED, CREATED, ADDRESS } = PAST;

let past: PastCluster;
let url: string;

beforeAll(async () => {
  past = await startPastCluster(import.meta.dirname);
  url = `${past.url}/api/v1`;
});
afterAll(() => past?.close());

async function get<Answer>(path: string): Promise<Answer> {
  const response = await fetch(`${url}${path}`);
  const body = (await response.json()) as Answer;
  expect([path, response.status, response.status === 200 ? "" : body]).toEqual([path, 200, ""]);
  return body;
}

async function refused(path: string): Promise<[number, string, string]> {
  const response = await fetch(`${url}${path}`);
  const { error } = (await response.json()) as ErrorAnswer;
  return [response.status, error.code, error.message];
}

describe("an address that two pods have within one minute", () => {
  const owner = async (at: number): Promise<[string | undefined, string[]]> => {
    const found = await get<AddressAnswer>(`/addresses/${ADDRESS}?at=${at}`);
    return [found.owner?.name, found.policies.map(({ name }) => name)];
  };

  test("belongs to the pod of the moment, with its labels and the policies that select it", async () => {
    expect(await owner(CART)).toEqual(["cart-5c7b9f8d6-z8v5t", ["of-cart"]]);
    expect(await owner(LEDGER)).toEqual(["ledger-6b8c9d7f4-q9w8r", ["of-ledger"]]);
    expect(await owner(NOBODY)).toEqual([undefined, []]);
    const { others } = await get<AddressAnswer>(`/addresses/${ADDRESS}?at=${NOBODY}`);
    expect(others.map(({ name, labels }) => [name, labels])).toEqual([
      ["cart-5c7b9f8d6-z8v5t", ["app=cart"]],
      ["ledger-6b8c9d7f4-q9w8r", ["app=ledger"]],
    ]);
    // To the moment at which it is handed on.
    expect((await owner(HANDED - 1))[0]).toBe("cart-5c7b9f8d6-z8v5t");
    expect((await owner(HANDED))[0]).toBeUndefined();
    expect((await owner(TAKEN))[0]).toBe("ledger-6b8c9d7f4-q9w8r");
  });

  test("each drop is explained by the pod of its own moment", async () => {
    const why = async ({ uuid }: Flow): Promise<string> => {
      const { explanation } = await get<ExplanationAnswer>(`/flows/${uuid}/explanation`);
      expect(explanation?.outcome).toBe("default-deny");
      expect(explanation?.selecting.map(({ name }) => name)).toEqual(["web-egress"]);
      return JSON.stringify([explanation?.sentence, explanation?.nearest]);
    };
    const [first, second] = [await why(DROPS.cart), await why(DROPS.ledger)];
    expect(first).toContain("cart");
    expect(first).not.toContain("ledger");
    expect(second).toContain("ledger");
    expect(second).not.toContain("cart");
  });

  test("the map has the names of the range that it shows", async () => {
    const servers = async (range: string): Promise<string[]> => {
      const { nodes } = await get<MapAnswer>(`/map?${range}`);
      return nodes.map(({ peer }) => peer.name).filter((name) => name !== "web");
    };
    const at = new Date(CART + SECOND).toISOString();
    expect((await servers(`at=${at}`)).toSorted()).toEqual([ADDRESS, "cart"].toSorted());
    expect(await servers(`since=${NOBODY}&until=${LEDGER + SECOND}`)).toContain("ledger");
    expect(await servers(`since=${NOBODY}&until=${LEDGER + SECOND}`)).not.toContain("cart");
  });
});

describe("policies as of a moment", () => {
  const item = "/policies/NetworkPolicy/shop/web-egress";

  test("one is told with the text, the versions and the difference of then", async () => {
    const before = await get<PolicyAnswer>(`${item}?at=${LEDGER}`);
    expect(before.versions).toHaveLength(1);
    expect(before.versions[0]?.yaml).not.toContain("metrics");
    const after = await get<PolicyAnswer>(`${item}?at=${POLICY_CHANGED}`);
    expect(after.versions.map(({ from }) => from)).toEqual([
      POLICY_CHANGED,
      before.versions[0]?.from,
    ]);
    expect(after.versions[0]?.diff).toContain("+");
    expect(after.versions[0]?.yaml).toContain("metrics");
    expect(await get<PolicyAnswer>(item)).toMatchObject({ versions: after.versions });
  });

  test("before its first version it is said since when it is known, and so is the list", async () => {
    const early = WATCHED - 5 * MINUTE;
    const [status, code, message] = await refused(`${item}?at=${early}`);
    expect([status, code]).toEqual([404, "POLICY_NOT_YET"]);
    expect(message).toContain(new Date(CREATED).toISOString());
    const list = await get<PoliciesAnswer>(`/policies?at=${early}`);
    expect(list).toMatchObject({ at: early, policies: [], knownSince: WATCHED });
    expect(await get<KnownAnswer>("/known")).toMatchObject({ policies: WATCHED, pods: WATCHED });
  });

  test("the list selects the pods of then, by the labels of then", async () => {
    const pods = async (at: number): Promise<Record<string, number>> => {
      const { policies } = await get<PoliciesAnswer>(`/policies?at=${at}`);
      return Object.fromEntries(policies.map(({ policy, pods }) => [policy.name, pods]));
    };
    const same = { "web-egress": 1, "team-b": 0 };
    expect(await pods(CART)).toEqual({ ...same, "of-cart": 1, "of-ledger": 0 });
    expect(await pods(NOBODY)).toEqual({ ...same, "of-cart": 0, "of-ledger": 0 });
    expect(await pods(LEDGER)).toEqual({ ...same, "of-cart": 0, "of-ledger": 1 });
    expect((await pods(LABELS_CHANGED - 1))["team-b"]).toBe(0);
    expect((await pods(LABELS_CHANGED))["team-b"]).toBe(1);
    expect(await pods(REMOVED - 1)).toHaveProperty("of-cart");
    expect(await pods(REMOVED)).not.toHaveProperty("of-cart");
    // In any order: what was asked before must not stand in for another moment.
    expect(await pods(CART)).toEqual({ ...same, "of-cart": 1, "of-ledger": 0 });
  });

  test("one that is gone is told as of before, and as gone after", async () => {
    const cart = "/policies/NetworkPolicy/pay/of-cart";
    expect((await get<PolicyAnswer>(`${cart}?at=${CART}`)).selects.podCount).toBe(1);
    expect((await get<PolicyAnswer>(`${cart}?at=${LEDGER}`)).selects.podCount).toBe(0);
    const gone = await get<PolicyAnswer>(`${cart}?at=${REMOVED + MINUTE}`);
    expect(gone.versions[0]?.to).toBe(REMOVED);
  });
});

describe("problems as of a moment", () => {
  const list = async (at?: number): Promise<Record<string, string>> => {
    const { problems } = await get<ProblemsAnswer>(
      `/problems${at === undefined ? "" : `?at=${at}`}`,
    );
    return Object.fromEntries(problems.map(({ id, state }) => [id, state]));
  };

  test("have the state that they had, whatever came later", async () => {
    expect(await list(START - MINUTE)).toEqual({});
    expect(Object.values(await list(LEDGER + SECOND))).toContain("new");
    const later = Object.values(await list(START + 30 * MINUTE));
    expect(later.every((state) => state === "resolved")).toBe(true);
    expect(Object.values(await list())).toContain("back");
    expect(Object.values(await list(AGAIN + SECOND))).toContain("back");
  });

  test("one is explained by a drop of then, with the policies' text of then", async () => {
    const { problem } = await get<ExplanationAnswer>(`/flows/${DROPS.again.uuid}/explanation`);
    const then = await get<ProblemAnswer>(`/problems/${problem}?at=${LEDGER + SECOND}`);
    expect(Date.parse(then.problem.explanation.time)).toBeLessThanOrEqual(LEDGER);
    expect(then.problem.samples).not.toContain(DROPS.again.uuid);
    expect(then.policies[0]?.yaml).not.toContain("metrics");
    const now = await get<ProblemAnswer>(`/problems/${problem}`);
    expect(Date.parse(now.problem.explanation.time)).toBe(AGAIN);
    expect(now.policies[0]?.yaml).toContain("metrics");
  });
});

describe("before and after", () => {
  test("shows the edge that came, the one that went, and every change in between", async () => {
    const found = await get<CompareAnswer>(
      `/compare?withSince=${START}&withUntil=${NOBODY}&since=${NOBODY}&until=${START + 20 * MINUTE}`,
    );
    const edges = found.edges.map(({ change, server, port }) => [change, server.name, port]);
    expect(edges).toContainEqual(["vanished", "cart", 80]);
    expect(edges).toContainEqual(["new", "ledger", 80]);
    expect(found.before).toMatchObject({ from: START, to: NOBODY, flows: 2, dropped: 1 });
    expect(found.after).toMatchObject({ from: NOBODY, flows: 2, dropped: 1 });
    const changes = found.changes.map(({ time, what, action, name, labels }) => [
      Date.parse(time),
      what,
      action,
      name,
      labels.join(" "),
    ]);
    expect(changes).toEqual([
      [POLICY_CHANGED, "policy", "changed", "web-egress", ""],
      [LABELS_CHANGED, "namespace", "changed", "pay", "+team=b −team=a"],
      [REMOVED, "policy", "removed", "of-cart", ""],
    ]);
    const charted = (found.timeline?.series ?? []).flatMap(({ counts }) => counts);
    expect(charted.reduce((a, b) => a + b, 0)).toBe(2);
  });
});

describe("what is no moment or range of the past is refused", () => {
  const soon = Date.now() + 3_600_000;
  test.each([
    [`/policies?at=${soon}`, 400, "MOMENT_IN_FUTURE"],
    [`/problems?at=${soon}`, 400, "MOMENT_IN_FUTURE"],
    [`/map?at=${soon}`, 400, "MOMENT_IN_FUTURE"],
    [`/map?at=1h&since=2h`, 400, "BAD_RANGE"],
    [`/policies?at=yesterday`, 400, "BAD_TIME"],
    [`/map?since=${soon}&until=${soon + 1}`, 400, "BAD_RANGE"],
    [`/addresses/nobody?at=1h`, 400, "BAD_QUERY"],
    [`/compare?since=1h`, 400, "RANGE_OPEN"],
    [`/compare?until=1h`, 400, "RANGE_OPEN"],
    [`/compare?since=1h&until=now&withSince=2h`, 400, "RANGE_OPEN"],
    [`/compare?since=1h&until=2h`, 400, "BAD_RANGE"],
    [`/compare?since=1h&until=1h`, 400, "BAD_RANGE"],
    [`/compare?since=1h&until=${soon}`, 400, "BAD_RANGE"],
    [`/compare?since=500d&until=now`, 422, "RANGE_TOO_WIDE"],
    [`/compare?since=3d&until=now&filter=--to-port%2053`, 422, "RANGE_TOO_WIDE"],
    [`/compare?since=1h&until=now&withSince=9d&withUntil=8d`, 422, "BEFORE_RETENTION"],
    [`/compare?since=1h&until=now&filter=--nonsense`, 400, "FILTER_INVALID"],
  ])("%s: %i %s", async (path, status, code) => {
    expect((await refused(path)).slice(0, 2)).toEqual([status, code]);
  });
});
