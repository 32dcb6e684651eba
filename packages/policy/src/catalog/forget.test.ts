import { expect, test } from "vitest";
import { parseManifests } from "../parse/manifests.js";
import { PROFILES } from "../profile.js";
import { createCatalog } from "./index.js";

const DAY = 86_400_000;
const HORIZON = 2 * DAY;

const policy = (port: number) =>
  parseManifests(
    `{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: p, namespace: web}, spec: {podSelector: {}, ingress: [{ports: [{port: ${port}}]}]}}`,
    "-",
  ).policies;

const STEP = 4 * 3_600_000;

/** A policy that changes every few hours, and a pod that is another one each time, for some days. */
function livedThrough(days: number, forgets: boolean) {
  const catalog = createCatalog({ profile: PROFILES.cilium });
  for (let hour = 0; hour * STEP < days * DAY; hour++) {
    const at = hour * STEP;
    const object = {
      kind: "NetworkPolicy",
      namespace: "web",
      name: "p",
      value: policy(1000 + hour),
    } as const;
    catalog.apply({ type: "set", at, object, uid: "1" });
    const { workloads } = parseManifests(
      `{apiVersion: v1, kind: Pod, metadata: {name: web-${hour}, namespace: web, labels: {at: "${hour}"}}, spec: {containers: [{name: c, image: i}]}}`,
      "-",
    );
    const [value] = workloads;
    const id = { kind: "Pod", namespace: "web", name: `web-${hour}` } as const;
    catalog.apply({ type: "set", at, object: { ...id, value: value! } });
    catalog.apply({ type: "delete", at: at + STEP, id });
    // The engine keeps what it made of each version that it was asked about.
    catalog.at(at).decide("192.0.2.1", `web/web-${hour}`, "TCP", 80);
    if (forgets) catalog.forget(at - HORIZON);
  }
  return catalog;
}

const versions = (catalog: ReturnType<typeof livedThrough>): number =>
  [...catalog.records()].filter(({ record }) => record === "version").length;

test("what is held is that of the horizon, however long it goes on", () => {
  const [short, long] = [livedThrough(4, true), livedThrough(20, true)];
  expect(versions(long)).toBe(versions(short));
  expect(long.stats().objects).toBe(short.stats().objects);
  expect(long.stats().engine.ruleTables).toBeLessThanOrEqual(short.stats().engine.ruleTables);
  // What holds is judged as before.
  const hour = (20 * DAY) / STEP - 1;
  const view = long.at(hour * STEP + 1);
  expect(view.policies()).toHaveLength(1);
  expect(view.decide("192.0.2.1", `web/web-${hour}`, "TCP", 1000 + hour)?.allowed).toBe(true);
});

test("without forgetting all of it is held for ever (control)", () => {
  const [short, long] = [livedThrough(4, false), livedThrough(20, false)];
  expect(versions(long)).toBeGreaterThan(4 * versions(short));
  expect(long.stats().objects).toBeGreaterThan(4 * short.stats().objects);
  expect(long.stats().engine.ruleTables).toBeGreaterThan(4 * short.stats().engine.ruleTables);
});
