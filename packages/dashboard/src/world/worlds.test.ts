import { LOCAL_VIEWER, type Viewer } from "@dropscope/model";
import { expect, test } from "vitest";
import { createMemoryKnowledge } from "../testing/memory-knowledge.js";
import { createWorlds } from "./worlds.js";

const policy = (name: string): string => `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: ${name}, namespace: web }
spec: { podSelector: {} }
`;

function counted() {
  const knowledge = createMemoryKnowledge();
  const { objects } = knowledge;
  let reads = 0;
  const worlds = createWorlds({
    ...knowledge,
    objects: {
      ...objects,
      loadVersions: (...asked) => {
        reads += 1;
        return objects.loadVersions(...asked);
      },
    },
  });
  const { signal } = new AbortController();
  const at = (time: number, viewer: Viewer = LOCAL_VIEWER) =>
    worlds.at(viewer, time, "all", signal);
  return { knowledge, at, reads: () => reads };
}

const names = ({ policies }: { policies: readonly { name: string }[] }): string[] =>
  policies.map(({ name }) => name);

test("a quiet cluster is read once, a change and another moment are read anew", async () => {
  const { knowledge, at, reads } = counted();
  knowledge.addManifests(policy("a"), 100);
  const first = await at(200);
  expect(await at(300)).toBe(first);
  const once = reads();
  knowledge.addManifests(policy("b"), 250);
  expect(names(await at(300))).toEqual(["a", "b"]);
  expect(reads()).toBe(2 * once);
  // Before the second one began.
  expect(names(await at(200))).toEqual(["a"]);
  expect(names(await at(50))).toEqual([]);
});

test("those who may see other namespaces have worlds of their own; who asks for the same shares one", async () => {
  const { knowledge, at } = counted();
  knowledge.addManifests(policy("a"));
  const guest: Viewer = { name: "guest", namespaces: ["shop"], seesL7: false };
  expect(names(await at(1, guest))).toEqual([]);
  expect(names(await at(1))).toEqual(["a"]);
  expect(await at(1, { ...guest, name: "other" })).toBe(await at(1, guest));
});

test("who goes away does not take the answer from those who wait", async () => {
  const knowledge = createMemoryKnowledge();
  knowledge.addManifests(policy("a"));
  const worlds = createWorlds(knowledge);
  const gone = new AbortController();
  const [first, second] = [
    worlds.at(LOCAL_VIEWER, 1, "all", gone.signal),
    worlds.at(LOCAL_VIEWER, 1, "all", new AbortController().signal),
  ];
  gone.abort(new Error("gone"));
  await expect(first).rejects.toThrow("gone");
  expect(names(await second)).toEqual(["a"]);
});

test("a store that failed is asked again", async () => {
  const knowledge = createMemoryKnowledge();
  knowledge.addManifests(policy("a"));
  const { objects } = knowledge;
  let broken = true;
  const worlds = createWorlds({
    ...knowledge,
    objects: {
      ...objects,
      loadVersions: (...asked) =>
        broken ? Promise.reject(new Error("away")) : objects.loadVersions(...asked),
    },
  });
  const { signal } = new AbortController();
  await expect(worlds.at(LOCAL_VIEWER, 1, "all", signal)).rejects.toThrow("away");
  broken = false;
  expect(names(await worlds.at(LOCAL_VIEWER, 1, "all", signal))).toEqual(["a"]);
});
