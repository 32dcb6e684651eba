import { createCatalog, PROFILES, type Catalog, type CatalogObject } from "@dropscope/policy";
import type { ObjectVersionRow, VersionWrite } from "@dropscope/store";
import { describe, expect, test } from "vitest";
import { createLedger, type Ledger } from "./ledger.js";
import type { Observed, SourceChange } from "./source.js";

const T = Date.parse("2026-03-01T12:00:00Z");
const FOREVER = Number.POSITIVE_INFINITY;
const ALWAYS = Number.NEGATIVE_INFINITY;

function namespace(name: string, team = "a"): CatalogObject {
  const place = { file: "", line: 1, column: 1, path: "" };
  return { kind: "Namespace", namespace: "", name, value: { name, labels: { team }, place } };
}
const observed = (name: string, team?: string, more: Partial<Observed> = {}): Observed => ({
  object: namespace(name, team),
  ...more,
});
const list = (at: number, ...objects: Observed[]): SourceChange => ({
  type: "list",
  at,
  kind: "Namespace",
  objects,
});
const set = (at: number, one: Observed): SourceChange => ({ type: "set", at, observed: one });
const remove = (at: number, name: string, uid = ""): SourceChange => ({
  type: "delete",
  at,
  id: { kind: "Namespace", namespace: "", name },
  uid,
});

function start(sources = ["kubernetes"]): { catalog: Catalog; ledger: Ledger } {
  const catalog = createCatalog({ profile: PROFILES.cilium });
  return { catalog, ledger: createLedger(catalog, sources) };
}

/** `name from..to`, in ms after T. */
const told = (writes: readonly VersionWrite[]): string[] =>
  writes.map(({ version }) => `${version.name} ${version.from - T}..${version.to - T}`);

const versions = (catalog: Catalog): string[] =>
  [...catalog.records()].flatMap((record) =>
    record.record === "version"
      ? [
          `${record.object.name} ${(record.from ?? ALWAYS) - T}..${(record.to ?? FOREVER) - T} ${labelOf(record.object)}`,
        ]
      : [],
  );

const labelOf = (object: CatalogObject): string =>
  object.kind === "Namespace" ? (object.value.labels["team"] ?? "") : "";

describe("the first list", () => {
  test("holds since the objects were made, or since nobody knows when", () => {
    const { ledger, catalog } = start();
    const writes = ledger.apply(
      "kubernetes",
      list(T, observed("a", "x", { created: T - 500 }), observed("b")),
    );
    expect(told(writes)).toEqual(["a -500..Infinity", "b -Infinity..Infinity"]);
    expect(catalog.at(T - 100).namespaceLabels("a")).toMatchObject({ team: "x" });
    expect(catalog.at(T - 100).isCertain).toBe(false);
    expect(catalog.at(T).isCertain).toBe(true);
  });
});

describe("a later list", () => {
  test("ends what is gone and leaves alone what is the same", () => {
    const { ledger } = start();
    ledger.apply("kubernetes", list(T, observed("a"), observed("b")));
    const writes = ledger.apply("kubernetes", list(T + 100, observed("a")));
    expect(told(writes)).toEqual(["b -Infinity..100"]);
  });

  test("dates what changed in between by the object, where it can", () => {
    const { ledger } = start();
    ledger.apply("kubernetes", list(T, observed("a"), observed("b"), observed("c")));
    const writes = ledger.apply(
      "kubernetes",
      list(
        T + 100,
        observed("a", "new", { changed: T + 40 }),
        // Control: a date from before the gap, or after the list, is none of the change.
        observed("b", "new", { changed: T - 40 }),
        observed("c", "new", { changed: T + 400 }),
        observed("d", "new", { created: T + 60, changed: T + 90 }),
      ),
    );
    expect(told(writes).filter((line) => line.endsWith("..Infinity"))).toEqual([
      "a 40..Infinity",
      "b 100..Infinity",
      "c 100..Infinity",
      "d 60..Infinity",
    ]);
  });

  test("makes the time since the last sign of life uncertain, and no other", () => {
    const { ledger, catalog } = start();
    ledger.apply("kubernetes", list(T));
    ledger.apply("kubernetes", { type: "alive", kind: "Namespace", at: T + 50 });
    ledger.apply("kubernetes", list(T + 100));
    const certain = [0, 50, 75, 100].map((ms) => catalog.at(T + ms).isCertain);
    expect(certain).toEqual([true, true, false, true]);
    expect(ledger.watches()).toEqual([
      { source: "kubernetes", kind: "Namespace", listedAt: T + 100, until: T + 100 },
    ]);
  });
});

describe("changes", () => {
  test("end one version and begin the next at the same moment", () => {
    const { ledger, catalog } = start();
    ledger.apply("kubernetes", list(T, observed("a", "x", { uid: "u1" })));
    const writes = ledger.apply("kubernetes", set(T + 5, observed("a", "y", { uid: "u1" })));
    expect(told(writes)).toEqual(["a -Infinity..5", "a 5..Infinity"]);
    expect(writes.map(({ content }) => content !== undefined)).toEqual([false, true]);
    expect(versions(catalog)).toEqual(["a -Infinity..5 x", "a 5..Infinity y"]);
  });

  test("that say the same are none", () => {
    const { ledger } = start();
    ledger.apply("kubernetes", list(T, observed("a", "x", { uid: "u1" })));
    expect(ledger.apply("kubernetes", set(T + 5, observed("a", "x", { uid: "u1" })))).toEqual([]);
    // Control: the same words by a new object are a new version.
    expect(ledger.apply("kubernetes", set(T + 9, observed("a", "x", { uid: "u2" })))).toHaveLength(
      2,
    );
  });

  test("of a late word about an old object leave the new one alone", () => {
    const { ledger, catalog } = start();
    ledger.apply("kubernetes", list(T, observed("a", "x", { uid: "u2" })));
    expect(ledger.apply("kubernetes", remove(T + 5, "a", "u1"))).toEqual([]);
    expect(told(ledger.apply("kubernetes", remove(T + 6, "a", "u2")))).toEqual(["a -Infinity..6"]);
    expect(versions(catalog)).toEqual(["a -Infinity..6 x"]);
  });

  test("of a clock that was set back never end before they began", () => {
    const { ledger, catalog } = start();
    ledger.apply("kubernetes", list(T, observed("a", "1", { created: T - 10 })));
    const at = [T + 100, T - 5000, T - 6000];
    for (const [n, time] of at.entries())
      for (const { version } of ledger.apply("kubernetes", set(time, observed("a", `v${n}`))))
        expect(version.to).toBeGreaterThan(version.from);
    ledger.apply("kubernetes", remove(T - 7000, "a"));
    for (const { version } of ledger.apply("kubernetes", set(T - 8000, observed("a", "again"))))
      expect(version.from).toBeGreaterThan(T + 100);
    expect(catalog.at(T + 1000).namespaceLabels("a")).toMatchObject({ team: "again" });
  });
});

describe("after a restart", () => {
  test("the store's versions go on: the same list changes nothing, another one what changed", () => {
    const first = start();
    const rows = first.ledger
      .apply("kubernetes", list(T, observed("a"), observed("b")))
      .map(({ version }) => version);
    const { ledger } = start();
    ledger.load(rows, first.ledger.watches());
    expect(ledger.apply("kubernetes", list(T + 50, observed("a"), observed("b")))).toEqual([]);
    expect(told(ledger.apply("kubernetes", list(T + 60, observed("a", "z"))))).toEqual([
      "b -Infinity..60",
      "a -Infinity..60",
      "a 60..Infinity",
    ]);
  });

  test("a version that another process left open is not one, when a later one has ended", () => {
    const { ledger } = start();
    const row = (from: number, to: number): ObjectVersionRow => ({
      kind: "Namespace",
      namespace: "",
      name: "a",
      uid: "",
      from,
      to,
      content: `${from}`,
      resourceVersion: "",
      source: "kubernetes",
    });
    ledger.load([row(T, FOREVER), row(T + 5, T + 9)], []);
    expect(ledger.count("Namespace")).toBe(0);
  });
});

describe("two sources", () => {
  test("do not end each other's objects", () => {
    const { ledger } = start(["folder", "kubernetes"]);
    ledger.apply("folder", list(T, observed("a")));
    expect(told(ledger.apply("kubernetes", list(T + 1, observed("b"))))).toEqual([
      "b -Infinity..Infinity",
    ]);
    expect(ledger.apply("kubernetes", remove(T + 2, "a"))).toEqual([]);
  });

  test("control: what a source of an earlier run told of is ended by the one that is there", () => {
    const before = start(["folder"]);
    const rows = before.ledger
      .apply("folder", list(T, observed("a")))
      .map(({ version }) => version);
    const { ledger } = start(["kubernetes"]);
    ledger.load(rows, before.ledger.watches());
    expect(told(ledger.apply("kubernetes", list(T + 1, observed("b"))))).toEqual([
      "a -Infinity..1",
      "b -Infinity..Infinity",
    ]);
  });
});
