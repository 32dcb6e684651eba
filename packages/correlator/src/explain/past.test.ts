import { PROFILES } from "@dropscope/policy";
import type { ObjectReader, StoredVersion } from "@dropscope/store";
import { expect, test } from "vitest";
import { explainFlow } from "./explain-flow.js";
import { explainByStore } from "./past.js";
import { AT, dbIngress, drop, told } from "./testing.js";

const profile = PROFILES.cilium;

test("by the versions that the store keeps the answer is the one that was given then", async () => {
  const { catalog } = told()
    .set(-3600, dbIngress("checkout"))
    .set(-60, dbIngress())
    .set(3600, dbIngress("web"));
  const versions = [...catalog.records()].flatMap((record): StoredVersion[] => {
    if (record.record !== "version") return [];
    const { kind, namespace, name, value } = record.object;
    const { uid, from, to } = record;
    return [
      {
        kind,
        namespace,
        name,
        uid,
        content: "",
        resourceVersion: "",
        source: "folder",
        from: from ?? Number.NEGATIVE_INFINITY,
        to: to ?? Number.POSITIVE_INFINITY,
        // The store holds JSON.
        spec: JSON.parse(JSON.stringify(value)) as unknown,
      },
    ];
  });
  const reader: Pick<ObjectReader, "loadVersions" | "watches"> = {
    loadVersions: ({ since = 0, until = 0 }) =>
      Promise.resolve(versions.filter(({ from, to }) => to > since && from <= until)),
    watches: () => Promise.resolve([]),
  };
  const again = await explainByStore(drop(), reader, { profile, now: AT });
  expect(again).toEqual(explainFlow(drop(), catalog, { profile }));
  expect(again).toMatchObject({ outcome: "default-deny", change: { name: "db-ingress" } });
  const timeless = await explainByStore(drop({ time: "" }), reader, { profile, now: AT });
  expect(timeless.sentence).toContain("no usable time");
});
