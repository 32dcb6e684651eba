import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { INCIDENTS } from "../incidents/catalog.js";
import { bareWorld } from "../testing-world.js";
import { SECOND } from "../traffic/timeline.js";
import { createPolicyFolder, writeIncidentVersions } from "./write.js";

let dir = "";
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "dropscope-sim-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

test("one file per policy, each the object that is in force", () => {
  const { scene } = bareWorld();
  createPolicyFolder(dir, scene).writeAll();
  expect(readdirSync(dir).sort()).toEqual([...scene.policies().keys(), "world.yaml"].sort());
  for (const [file, { policy, uid }] of scene.policies()) {
    const read = parse(readFileSync(join(dir, file), "utf8")) as unknown;
    expect(read).toEqual({ ...policy, metadata: { ...policy.metadata, uid } });
  }
});

test("an incident rewrites the file it changes, and only that", () => {
  const { scene, generator, changes } = bareWorld({ incidents: INCIDENTS, rate: 0 });
  const folder = createPolicyFolder(dir, scene);
  folder.writeAll();
  const before = readFileSync(join(dir, "checkout-egress.yaml"), "utf8");
  expect(before).toContain("k8s-app: kube-dns");
  generator.advance(1 * SECOND);
  expect(changes.map(({ file }) => file)).toEqual(["checkout-egress.yaml"]);
  const at = Date.UTC(2026, 0, 1, 12, 0, 1);
  folder.write("checkout-egress.yaml", at);
  expect(statSync(join(dir, "checkout-egress.yaml")).mtimeMs).toBe(at);
  const broken = readFileSync(join(dir, "checkout-egress.yaml"), "utf8");
  expect(broken).not.toContain("k8s-app: kube-dns");
  const uid = (text: string) => (parse(text) as { metadata: { uid: string } }).metadata.uid;
  expect(uid(broken)).toBe(uid(before));
});

test("world.yaml holds the running pods with their labels and addresses", () => {
  const { scene, world } = bareWorld();
  createPolicyFolder(dir, scene).writeAll();
  const documents = parseAllDocuments(readFileSync(join(dir, "world.yaml"), "utf8"));
  const objects = documents.map((one) => {
    expect(one.errors).toEqual([]);
    return one.toJS() as { kind: string; metadata: { name: string; labels?: object } };
  });
  const pods = objects.filter(({ kind }) => kind === "Pod");
  const running = [...world.workloads.values()].filter(({ running }) => running);
  expect(pods.map(({ metadata }) => metadata.name).sort()).toEqual(
    running.flatMap((workload) => workload.pods.map(({ name }) => name)).sort(),
  );
  expect(
    objects.find(({ kind, metadata }) => kind === "Namespace" && metadata.name === "web"),
  ).toMatchObject({
    metadata: { labels: { team: "storefront", "kubernetes.io/metadata.name": "web" } },
  });
  expect(objects.filter(({ kind }) => kind === "Node")).toHaveLength(3);
});

test("the versions of each incident can be read side by side", () => {
  writeIncidentVersions(dir, INCIDENTS);
  const or = readFileSync(join(dir, "or-instead-of-and", "or", "fraud-ingress.yaml"), "utf8");
  const and = readFileSync(join(dir, "or-instead-of-and", "and", "fraud-ingress.yaml"), "utf8");
  const peers = (text: string) =>
    (parse(text) as { spec: { ingress: { from: object[] }[] } }).spec.ingress[0]?.from;
  expect(peers(or)).toHaveLength(2);
  expect(peers(and)).toHaveLength(1);
});

test("a file of somebody else is never replaced, and then nothing is written at all", () => {
  const { scene } = bareWorld();
  const own = join(dir, "redis-ingress.yaml");
  writeFileSync(own, "kind: NetworkPolicy\n");
  const folder = createPolicyFolder(dir, scene);
  expect(() => folder.writeAll()).toThrow(
    expect.objectContaining({ code: "SIMULATOR_FOREIGN_FILE" }),
  );
  expect(readdirSync(dir)).toEqual(["redis-ingress.yaml"]);
  expect(readFileSync(own, "utf8")).toBe("kind: NetworkPolicy\n");
  rmSync(own);
  folder.writeAll();
  // Its own files it may replace, in a second run too.
  createPolicyFolder(dir, scene).writeAll();
  expect(readdirSync(dir).length).toBeGreaterThan(10);
});

test("where edits are obeyed, a file of somebody else stays, and the rest is written", () => {
  const { scene } = bareWorld();
  const own = join(dir, "redis-ingress.yaml");
  writeFileSync(own, "kind: NetworkPolicy\n");
  const folder = createPolicyFolder(dir, scene, true);
  folder.writeAll();
  expect(readFileSync(own, "utf8")).toBe("kind: NetworkPolicy\n");
  expect(readdirSync(dir).length).toBeGreaterThan(10);
  const text = readFileSync(join(dir, "loki-ingress.yaml"), "utf8");
  expect(folder.isOwn("loki-ingress.yaml", text)).toBe(true);
  expect(folder.isOwn("loki-ingress.yaml", `${text}\n`)).toBe(false);
  // Once it was something else, the old text is an edit too.
  expect(folder.isOwn("loki-ingress.yaml", text)).toBe(false);
});
