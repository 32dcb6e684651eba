import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  manualClock,
  startFakeKube,
  until,
  type FakeKube,
  type ManualClock,
} from "../../testing/index.js";
import { createListWatch, type ListWatch } from "./list-watch.js";
import { RESOURCES, type Resource } from "./resources.js";

const START = Date.parse("2026-03-01T00:00:00Z");
const PODS = RESOURCES.find(({ kind }) => kind === "Pod") as Resource;
const POLICIES = RESOURCES.find(({ kind }) => kind === "CiliumNetworkPolicy") as Resource;

let kube: FakeKube;
let clock: ManualClock;
let watching: ListWatch | undefined;
/** What the reader was told, in order. */
let told: string[];
/** What there is, as the reader sees it. */
let there: Map<string, string>;
let gaps: (number | undefined)[];
/** How often the reader heard of the server. */
let signs: number;

beforeEach(async () => {
  kube = await startFakeKube();
  clock = manualClock(START);
  told = [];
  there = new Map();
  gaps = [];
  signs = 0;
});
afterEach(async () => {
  await watching?.stop();
  watching = undefined;
  await kube.close();
});

interface Item {
  name: string;
  label: string;
}

function follow(resource = PODS): ListWatch {
  watching = createListWatch<Item>({
    server: { name: kube.url, base: new URL(kube.url), options: () => Promise.resolve({}) },
    resource,
    clock,
    random: () => 0.5,
    take: ({ metadata }) => ({
      name: metadata?.name ?? "",
      label: (metadata?.["labels"] as { v?: string } | undefined)?.v ?? "",
    }),
    listed: (items) => {
      there = new Map(items.map(({ name, label }) => [name, label]));
      told.push(`list ${items.map(({ name }) => name).join(" ")}`.trim());
    },
    set: ({ name, label }, gapFrom) => {
      there.set(name, label);
      gaps.push(gapFrom);
      told.push(`set ${name}=${label}`);
    },
    deleted: ({ name }) => {
      there.delete(name);
      told.push(`deleted ${name}`);
    },
    alive: () => {
      signs += 1;
    },
  });
  watching.start();
  return watching;
}

const pod = (name: string, v = "1") => ({ metadata: { name, namespace: "web", labels: { v } } });
/** A request has a timer too: its longest silence. */
const isPausing = (): boolean => {
  const [first, ...others] = clock.waiting();
  return first !== undefined && first !== 30_000 && others.length === 0;
};
const lists = (): number => told.filter((line) => line.startsWith("list")).length;
const isWatching = (plural = "pods") =>
  until(`a watch of ${plural}`, () => kube.watching(plural) > 0);

async function following(): Promise<ListWatch> {
  kube.put("pods", pod("a"));
  const reader = follow();
  await isWatching();
  // The server knows of the watch before the reader does.
  await until("the list and the beginning of the watch are heard of", () => signs >= 2);
  return reader;
}

/** Moves time on until something that needs pauses has happened. */
async function inTime(what: string, done: () => boolean, stepMs = 1000): Promise<void> {
  await until(what, async () => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    if (done()) return true;
    clock.advance(stepMs);
    return false;
  });
}

test("lists, then follows what is made, changed and removed", async () => {
  const reader = await following();
  kube.put("pods", pod("b"));
  kube.put("pods", pod("a", "2"));
  kube.remove("pods", "b", "web");
  await until("the removal", () => told.includes("deleted b"));
  expect(told).toEqual(["list a", "set b=1", "set a=2", "deleted b"]);
  expect(reader.state()).toEqual({ state: "ok", message: "", aliveAt: START });
  expect(kube.requests[0]).toBe("/api/v1/pods?limit=500");
  expect(kube.requests[1]).toMatch(/watch=1&allowWatchBookmarks=true&resourceVersion=101&timeout/);
});

test("a list of many pages is one list", async () => {
  for (let n = 0; n < 1201; n += 1) kube.put("pods", pod(`p${n}`));
  follow();
  await isWatching();
  expect(kube.requests.filter((path) => path.includes("limit"))).toHaveLength(3);
  expect(lists()).toBe(1);
  expect(there.size).toBe(1201);
});

describe("a watch that ended by its time", () => {
  test("goes on from the last event, without a list", async () => {
    await following();
    kube.put("pods", pod("b"));
    await until("b", () => there.has("b"));
    clock.advance(60_000);
    kube.endWatches("pods");
    kube.put("pods", pod("c"));
    await until("c", () => there.has("c"));
    expect(told).toEqual(["list a", "set b=1", "set c=1"]);
  });

  test("goes on from a bookmark, which spares a list when older events are forgotten", async () => {
    await following();
    clock.advance(1000);
    kube.compact();
    kube.bookmark("pods");
    await until("the bookmark", () => watching?.state().aliveAt === START + 1000);
    clock.advance(60_000);
    kube.endWatches("pods");
    await isWatching();
    expect(lists()).toBe(1);
  });

  test("control: without one, what is forgotten has to be listed again", async () => {
    await following();
    kube.compact();
    clock.advance(60_000);
    kube.endWatches("pods");
    await inTime("the second list", () => lists() === 2);
  });

  test("at once, every time: is not asked for without a pause", async () => {
    await following();
    for (let n = 0; n < 3; n += 1) {
      kube.endWatches("pods");
      await until("a pause", () => clock.waiting()[0] === 500);
      const before = kube.requests.length;
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(kube.requests).toHaveLength(before);
      clock.advance(500);
      await isWatching();
    }
  });
});

describe("410", () => {
  test("of a new watch: everything is listed again, and what was missed is seen", async () => {
    const reader = await following();
    kube.fail("pods", 503, 1);
    kube.cut("pods");
    kube.remove("pods", "a", "web");
    kube.put("pods", pod("b"));
    kube.compact();
    await inTime("the second list", () => lists() === 2);
    expect([...there.keys()]).toEqual(["b"]);
    expect(reader.state().state).toBe("ok");
  });

  test("as an event within a watch", async () => {
    await following();
    kube.say("pods", `{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Gone"}}\n`);
    await inTime("the second list", () => lists() === 2);
  });

  test("of a later page: the list is asked for in one piece", async () => {
    for (let n = 0; n < 600; n += 1) kube.put("pods", pod(`p${n}`));
    kube.expirePages(1);
    follow();
    await inTime("a list", () => lists() === 1);
    expect(there.size).toBe(600);
    expect(kube.requests.slice(0, 3)).toEqual([
      "/api/v1/pods?limit=500",
      "/api/v1/pods?limit=500&continue=500",
      "/api/v1/pods",
    ]);
  });
});

describe("a connection", () => {
  test("that is cut goes on from the last event", async () => {
    await following();
    kube.cut("pods");
    kube.put("pods", pod("b"));
    await inTime("b", () => there.has("b"));
    expect(told).toEqual(["list a", "set b=1"]);
  });

  test("that is cut in the middle of an event gives the event once, whole", async () => {
    await following();
    kube.cut("pods", `{"type":"ADDED","object":{"metadata":{"name":"b","resourceV`);
    kube.put("pods", pod("b"));
    await inTime("b", () => there.has("b"));
    expect(told).toEqual(["list a", "set b=1"]);
  });

  test("on which nothing is heard any more is given up, and what was missed is seen", async () => {
    const reader = await following();
    kube.silence("pods", true);
    kube.put("pods", pod("b"));
    clock.advance(74_000);
    await new Promise((resolve) => setTimeout(resolve, 20));
    // Control: while it may still speak, it is waited for.
    expect(there.has("b")).toBe(false);
    expect(kube.watching("pods")).toBe(1);
    clock.advance(1500);
    kube.silence("pods", false);
    await inTime("b", () => there.has("b"));
    expect(reader.state().state).toBe("ok");
  });

  test("whose server hangs: the data grows stale, visibly, and recovers", async () => {
    const reader = await following();
    kube.silence("pods", true);
    await inTime("trouble", () => reader.state().state === "failing", 5000);
    expect(reader.state().message).toMatch(/^pods cannot be read: nothing was heard for \d+ s\.$/);
    const { aliveAt } = reader.state();
    expect(clock.now() - (aliveAt ?? 0)).toBeGreaterThan(60_000);
    kube.silence("pods", false);
    await inTime("recovery", () => reader.state().state === "ok", 5000);
    expect(reader.state().aliveAt).toBeGreaterThan(aliveAt ?? 0);
  });
});

describe("repetition", () => {
  test("of events changes nothing, not even after a removal", async () => {
    await following();
    kube.put("pods", pod("b"));
    kube.put("pods", pod("b", "2"));
    kube.remove("pods", "b", "web");
    await until("the removal", () => told.includes("deleted b"));
    const before = [...told];
    kube.repeat("pods");
    kube.put("pods", pod("end"));
    await until("the end", () => there.has("end"));
    expect(told).toEqual([...before, "set end=1"]);
  });

  test("control: versions that are no numbers cannot be compared, so such events count again", async () => {
    await following();
    for (const version of ["x7", "x7"])
      kube.say(
        "pods",
        `{"type":"ADDED","object":{"metadata":{"name":"b","resourceVersion":"${version}"}}}\n`,
      );
    await until("both", () => told.filter((line) => line === "set b=").length === 2);
  });
});

describe("an answer of", () => {
  test("403: says which right is missing, asks rarely, and goes on when it is given", async () => {
    kube.fail("pods", 403, 2);
    kube.put("pods", pod("a"));
    const reader = follow();
    await until("the refusal", () => reader.state().state === "forbidden");
    expect(reader.state().message).toContain("pods may not be read (403)");
    expect(clock.waiting()).toEqual([60_000]);
    clock.advance(60_000);
    await inTime("the right", () => reader.state().state === "ok", 60_000);
    expect(there.has("a")).toBe(true);
  });

  test("500: waits longer each time, up to half a minute", async () => {
    kube.fail("pods", 500, Number.POSITIVE_INFINITY);
    const reader = follow();
    const pauses: number[] = [];
    for (let n = 0; n < 9; n += 1) {
      await until("a pause", isPausing);
      const [ms = 0] = clock.waiting();
      pauses.push(ms);
      clock.advance(ms);
      await until("the next try", () => kube.requests.length === n + 2);
    }
    expect(pauses).toEqual([375, 750, 1500, 3000, 6000, 12_000, 22_500, 22_500, 22_500]);
    expect(reader.state()).toMatchObject({
      state: "failing",
      message: "pods cannot be read: the API server answers 500.",
    });
    kube.fail("pods", 500, 0);
    await inTime("recovery", () => reader.state().state === "ok");
  });

  test("429: waits as long as it is asked to", async () => {
    kube.fail("pods", 429, 1, { "retry-after": "7" });
    follow();
    await until("a pause", isPausing);
    expect(clock.waiting()).toEqual([7000]);
  });

  test("404: the kind is not there, which is no trouble, and is found when it comes", async () => {
    kube.define("cilium.io/v2", "ciliumnetworkpolicies", false);
    const reader = follow(POLICIES);
    await until("an answer", () => reader.state().state === "absent");
    expect(reader.state().message).toBe("");
    expect(told).toEqual(["list"]);
    kube.define("cilium.io/v2", "ciliumnetworkpolicies", true);
    kube.put("ciliumnetworkpolicies", pod("p"));
    await inTime("the policy", () => there.has("p"), 60_000);
  });

  test("404 of a watch: the kind was taken away with all its objects", async () => {
    kube.put("ciliumnetworkpolicies", pod("p"));
    const reader = follow(POLICIES);
    await isWatching("ciliumnetworkpolicies");
    kube.define("cilium.io/v2", "ciliumnetworkpolicies", false);
    kube.cut("ciliumnetworkpolicies");
    await inTime("its absence", () => reader.state().state === "absent");
    expect(there.size).toBe(0);
  });

  test("rubbish: a line that is no event is got round by a list", async () => {
    const reader = await following();
    for (let n = 0; n < 4; n += 1) {
      kube.say("pods", "<html>a proxy in the way</html>\n");
      await inTime(
        "the next watch",
        () => kube.watching("pods") === 1 && clock.waiting().length > 0,
      );
      await isWatching();
    }
    kube.put("pods", pod("b"));
    await inTime("b", () => there.has("b"));
    expect(reader.state().state).toBe("ok");
    expect(lists()).toBeGreaterThan(1);
  });
});

test("what arrives right after a cut may have happened since the last sign of life", async () => {
  await following();
  clock.advance(30_000);
  kube.cut("pods");
  kube.put("pods", pod("late"));
  await inTime("the late one", () => there.has("late"), 100);
  expect(gaps).toEqual([START]);
  // Control: what comes while all is well happened just now.
  clock.advance(10_000);
  kube.put("pods", pod("now"));
  await until("the other", () => there.has("now"));
  expect(gaps).toEqual([START, undefined]);
});

test("ends at once, whatever it is doing", async () => {
  const reader = await following();
  kube.silence("pods", true);
  await reader.stop();
  expect(clock.waiting()).toEqual([]);
  await until("the end of the watch", () => kube.watching("pods") === 0);
});
