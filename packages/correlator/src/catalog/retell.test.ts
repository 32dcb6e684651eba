import { createCatalog, parseManifests, PROFILES } from "@dropscope/policy";
import type { VersionWrite } from "@dropscope/store";
import { expect, test } from "vitest";
import { createLedger } from "./ledger.js";
import { catalogObjects } from "./objects.js";
import { retell } from "./retell.js";
import type { Observed } from "./source.js";

const T = Date.parse("2026-03-01T12:00:00Z");

const observed = (app: string): Observed => {
  const manifest = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: web, namespace: shop, uid: u1 }
spec: { podSelector: { matchLabels: { app: ${app} } } }
`;
  const [object] = catalogObjects(parseManifests(manifest, ""));
  if (object === undefined) throw new Error("the policy parses");
  return { object, uid: "u1", manifest, resourceVersion: "7" };
};

/** The last row of each version, as the store would keep them. */
function kept(writes: Iterable<VersionWrite>): Map<string, VersionWrite> {
  const rows = new Map<string, VersionWrite>();
  for (const write of writes) {
    const { name, from, uid } = write.version;
    const key = `${name} ${from} ${uid}`;
    const content = write.content ?? rows.get(key)?.content;
    rows.set(key, { version: write.version, ...(content === undefined ? {} : { content }) });
  }
  return rows;
}

test("everything, told again, is what was told before", () => {
  const catalog = createCatalog({ profile: PROFILES.cilium });
  const ledger = createLedger(catalog, ["kubernetes"]);
  const writes = [
    ...ledger.apply("kubernetes", {
      type: "list",
      at: T,
      kind: "NetworkPolicy",
      objects: [observed("one")],
    }),
    ...ledger.apply("kubernetes", { type: "set", at: T + 5, observed: observed("two") }),
  ];
  const texts = new Map(
    writes.flatMap(({ content }) => (content ? [[content.hash, content.manifest]] : [])),
  );
  const again = kept(retell(catalog, ledger.open(), texts, "kubernetes"));
  const before = kept(writes);
  expect([...again.keys()].sort()).toEqual([...before.keys()].sort());
  for (const [key, { version, content }] of before) {
    // What an ended version was called by the API server is not remembered.
    const { resourceVersion: _, ...rest } = version;
    expect(again.get(key)?.version).toMatchObject(rest);
    expect(again.get(key)?.content).toEqual(content);
  }
  // Control: a content whose text is not at hand is in the store, and must not be replaced by none.
  for (const { content } of retell(catalog, ledger.open(), new Map(), "kubernetes"))
    expect(content).toBeUndefined();
});
