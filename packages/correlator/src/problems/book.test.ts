import type { ProblemRecord } from "@dropscope/store";
import { describe, expect, test } from "vitest";
import { createProblemBook, type ProblemBook } from "./book.js";
import { PROBLEM_LIMITS } from "./limits.js";
import { foldingOf, minutes, toAddress, toWorkload, uuidOf } from "./testing.js";

/** A book with a store below it, as the correlator runs it. */
function bookOn(store = new Map<string, ProblemRecord>(), limits = PROBLEM_LIMITS) {
  let now = minutes(0);
  const book = createProblemBook({ clock: { now: () => now }, limits });
  book.index(store.values());
  const fold = (...parts: Parameters<typeof foldingOf>[0][]): string[] => {
    const foldings = parts.map((part) => foldingOf(part));
    book.load(book.missing(foldings).flatMap((id) => store.get(id) ?? []));
    return foldings.map((folding) => book.fold(folding).problem);
  };
  const save = (quietMs = 0): number => {
    const records = book.changed(quietMs);
    for (const record of records) store.set(record.id, record);
    book.saved(records);
    return records.length;
  };
  return { book, store, fold, save, at: (time: number) => void (now = time) };
}

const get = (book: ProblemBook, id: string): ProblemRecord => {
  const found = book.get(id);
  if (found === undefined) throw new Error(`no problem ${id}`);
  return found;
};

describe("folding", () => {
  test("a hundred drops of one incident are one problem", () => {
    const { book, fold } = bookOn();
    const ids = Array.from({ length: 100 }, (_, number) =>
      fold({ number, at: minutes(0) + number, flow: { node_name: `node-${number % 3}` } }),
    ).flat();
    expect(new Set(ids).size).toBe(1);
    expect(get(book, ids[0]!)).toMatchObject({
      firstNs: BigInt(minutes(0)) * 1_000_000n,
      lastNs: BigInt(minutes(0) + 99) * 1_000_000n,
      pods: { names: ["web/checkout-0"], count: 1 },
      nodes: { count: 3 },
      folded: "",
    });
    expect(get(book, ids[0]!).samples.map(({ uuid }) => uuid)).toEqual(
      Array.from({ length: 10 }, (_, i) => uuidOf(99 - i)),
    );
  });

  test("folding twice changes nothing, in whatever order", () => {
    const parts = Array.from({ length: 30 }, (_, number) => ({ number, at: minutes(number) }));
    const once = bookOn();
    const [id] = once.fold(...parts);
    const twice = bookOn();
    twice.fold(...parts);
    twice.fold(...parts);
    expect(get(twice.book, id!)).toEqual(get(once.book, id!));
  });

  test("the second event of a packet is part of the problem of the first", () => {
    const { fold } = bookOn();
    const [first] = fold({ number: 1 });
    const verdict = { number: 2, partner: uuidOf(1), explanation: { selecting: [] } };
    expect(fold(verdict)).toEqual([first]);
    expect(fold({ ...verdict, number: 3, partner: uuidOf(77) })).not.toEqual([first]);
  });

  test("what was folded before stays where it was, whatever its key is now", () => {
    const { book, fold } = bookOn();
    const [id] = fold({ problem: "00000000000000aa" });
    expect(id).toBe("00000000000000aa");
    expect(get(book, id!).pods.count).toBe(1);
  });

  test("the newest explanation counts; one that names the policies is not silenced by one that cannot", () => {
    const { book, fold } = bookOn();
    const [id] = fold(
      { number: 1, at: minutes(2), explanation: { sentence: "new", agreement: "same" } },
      { number: 2, at: minutes(1), explanation: { sentence: "old", agreement: "differs" } },
      { number: 3, at: minutes(3), explanation: { sentence: "newer" } },
    );
    expect(get(book, id!)).toMatchObject({ explanation: { sentence: "newer" }, agreement: "same" });
  });

  test("a change that came before the first drop is kept when later drops no longer tell it", () => {
    const { book, fold } = bookOn();
    const change = {
      time: "2026-01-01T00:00:00Z",
      what: "policy",
      action: "changed",
      kind: "NetworkPolicy",
      namespace: "web",
      name: "p",
    } as const;
    const [id] = fold({ number: 1, explanation: { change } }, { number: 2, at: minutes(20) });
    expect(get(book, id!).change).toEqual(change);
  });
});

describe("episodes", () => {
  test.each([
    ["goes on", [0, 10, 20, 30], 0],
    ["a quarter of an hour of nothing ends it", [0, 15], 15],
    ["the last one counts", [0, 30, 31, 60, 61], 60],
    ["an earlier flow that comes late", [5, 0], 0],
  ])("%s", (_, times, episode) => {
    const { book, fold } = bookOn();
    const ids = times.map((time, number) => fold({ number, at: minutes(time) })[0]!);
    const { first, last, episode: found } = get(book, ids[0]!);
    expect({ first, last, episode: found }).toEqual({
      first: minutes(Math.min(...times)),
      last: minutes(Math.max(...times)),
      episode: minutes(episode),
    });
  });

  test("a clock that runs ahead does not keep a problem alive, and one without a time landed when it landed", () => {
    const { book, fold } = bookOn();
    const [id] = fold({ at: minutes(10_000), landedAt: minutes(0) });
    expect(get(book, id!)).toMatchObject({ last: minutes(0) });
    const timeless = { ...foldingOf({ number: 2, landedAt: minutes(3) }), timeNs: 0n };
    book.fold(timeless);
    expect(get(book, id!)).toMatchObject({ last: minutes(3), first: minutes(0) });
  });
});

describe("the store below", () => {
  test("a restart changes nothing", () => {
    const store = new Map<string, ProblemRecord>();
    const before = bookOn(store);
    const [id] = before.fold({ number: 1 }, { number: 2, at: minutes(1) });
    before.save();
    const after = bookOn(store);
    expect(after.fold({ number: 3, at: minutes(2) })).toEqual([id]);
    before.fold({ number: 3, at: minutes(2) });
    expect(get(after.book, id!)).toEqual(get(before.book, id!));
  });

  test("new problems are stored at once, those that go on only now and then", () => {
    const { fold, save, at } = bookOn();
    fold({ number: 1 });
    expect(save(2000)).toBe(1);
    fold({ number: 2 });
    expect(save(2000)).toBe(0);
    at(minutes(0) + 2000);
    expect(save(2000)).toBe(1);
    expect(save(0)).toBe(0);
  });

  test("what is not stored yet never leaves the memory", () => {
    const { book, fold, save } = bookOn(undefined, { ...PROBLEM_LIMITS, records: 10 });
    fold(...Array.from({ length: 20 }, (_, i) => ({ number: i, flow: toWorkload(`w${i}`) })));
    expect(book.size().records).toBe(20);
    save();
    expect(book.size()).toMatchObject({ records: 10, problems: 20 });
    const [again] = fold({ number: 99, flow: toWorkload("w0") });
    expect(get(book, again!).samples).toHaveLength(2);
  });
});

describe("bounds", () => {
  test("many addresses of one network become the network, many networks the world", () => {
    const { book, fold } = bookOn();
    const parts = Array.from({ length: 2_000 }, (_, i) => ({
      number: i,
      flow: toAddress(`198.51.${Math.floor(i / 200)}.${i % 200}`),
    }));
    const ids = [...new Set(fold(...parts))];
    const names = ids.map((id) => get(book, id).destination.name);
    expect(ids.length).toBeLessThan(25);
    expect(names).toContain("198.51.0.0/24");
    expect(names.at(-1)).toBe("world");
    expect(get(book, ids.at(-1)!)).toMatchObject({ folded: "addresses", port: 443 });
    expect(get(book, ids.at(-1)!).peers.count).toBeGreaterThan(1_000);
  });

  test("a scan of ports becomes one problem without a port", () => {
    const { book, fold } = bookOn();
    const parts = Array.from({ length: 500 }, (_, i) => ({
      number: i,
      flow: toWorkload("db", i + 1),
    }));
    const ids = [...new Set(fold(...parts))];
    expect(ids).toHaveLength(PROBLEM_LIMITS.sizes.ports + 1);
    expect(get(book, ids.at(-1)!)).toMatchObject({
      folded: "ports",
      port: 0,
      destination: { name: "db" },
    });
  });

  test("tens of thousands of distinct edges are some thousands of problems, and a bounded memory", () => {
    const { book, store, fold, save } = bookOn();
    for (let batch = 0; batch < 40; batch += 1) {
      fold(
        ...Array.from({ length: 1_000 }, (_, i) => ({
          number: batch * 1_000 + i,
          flow: {
            source: {
              namespace: `ns-${batch % 10}`,
              pod_name: `p-${i}`,
              workloads: [{ name: `w-${i}` }],
            },
            ...toWorkload(`to-${batch}-${i}`),
          },
        })),
      );
      save();
    }
    const { records, problems, flows } = book.size();
    expect(problems).toBe(store.size);
    expect(problems).toBeLessThan(7_000);
    expect(records).toBeLessThanOrEqual(PROBLEM_LIMITS.records);
    expect(flows).toBeLessThanOrEqual(PROBLEM_LIMITS.flows);
    expect([...store.values()].some(({ folded }) => folded === "peers")).toBe(true);
  });

  test("what folds is the same after a restart in the middle", () => {
    const parts = Array.from({ length: 300 }, (_, i) => ({
      number: i,
      flow: toWorkload("db", i + 1),
    }));
    const straight = bookOn().fold(...parts);
    const store = new Map<string, ProblemRecord>();
    const first = bookOn(store);
    const before = first.fold(...parts.slice(0, 20));
    first.save();
    expect([...before, ...bookOn(store).fold(...parts.slice(20))]).toEqual(straight);
  });
});

test("a finding is linked to the problem of a flow", () => {
  const { book, fold, save } = bookOn();
  const [id] = fold({ number: 1 });
  save();
  book.link(book.problemOf(uuidOf(1))!, "finding");
  book.link("0000000000000000", "finding");
  expect(get(book, id!).dns).toEqual(["finding"]);
  expect(book.changed(0)).toHaveLength(1);
});
