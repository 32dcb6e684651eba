import { beforeEach, expect, test } from "vitest";
import type { Pod } from "../cluster/types.js";
import { createWorld, workloadOf } from "../cluster/world.js";
import { createRandom } from "../random.js";
import type { AskedConnection, PolicyEngine, PolicyFile } from "./engine.js";
import { createScene, type Scene, type SceneChange } from "./scene.js";
import { checkoutEgress } from "./shop-policies.js";
import { MARK, policyYaml } from "./yaml.js";

const FILE = "checkout-egress.yaml";
const world = createWorld("shop", 3, createRandom("obeyed"));
const pod = (path: string): Pod => workloadOf(world, path).pods[0] as Pod;

/** Reads one word of each file: that is what it decides for everybody. */
const read: { files: readonly PolicyFile[]; asked: AskedConnection[] } = { files: [], asked: [] };
const engine: PolicyEngine = {
  refusal: ({ text }) => (text.includes("broken") ? "It does not parse." : ""),
  judgeBy(files) {
    read.files = files;
    return (asked) => {
      read.asked.push(asked);
      const file = files.find(({ text }) => text.includes("says allow"));
      return file === undefined
        ? { decision: "default-deny", by: [] }
        : {
            decision: "allow",
            by: [
              {
                kind: "NetworkPolicy",
                namespace: "web",
                name: "mine",
                file: file.name,
                peers: true,
                ports: true,
              },
            ],
          };
    };
  },
};

let scene: Scene;
let changes: SceneChange[];
beforeEach(() => {
  changes = [];
  read.asked.length = 0;
  scene = createScene(world, createRandom("p"), (change) => changes.push(change), engine);
});

const judged = () => scene.judge.judge("egress", pod("web/cart"), pod("web/redis"), "TCP", 6379);

test("an edit holds from then on, with a uid and a revision that counted on", () => {
  expect(judged().decision).toBe("default-deny");
  expect(scene.edit("mine.yaml", "says allow")).toMatchObject({ outcome: "obeyed" });
  const first = judged();
  expect(first).toMatchObject({ decision: "allow", matchType: 2, policies: [{ name: "mine" }] });
  expect(scene.edit("mine.yaml", "says allow")).toBeUndefined();
  scene.edit("mine.yaml", "says allow, again");
  const [before, after] = [first, judged()].map(({ policies: [ref] }) => ref);
  expect(Number(after!.revision)).toBeGreaterThan(Number(before!.revision));
  expect(after!.labels).toEqual(before!.labels);
  expect(scene.edit("mine.yaml", undefined)).toMatchObject({ outcome: "removed" });
  expect(judged().decision).toBe("default-deny");
});

test("what is refused leaves the version before in force", () => {
  scene.edit("mine.yaml", "says allow");
  expect(scene.edit("mine.yaml", "broken")).toEqual({
    file: "mine.yaml",
    outcome: "refused",
    why: "It does not parse.",
  });
  expect(judged().decision).toBe("allow");
});

test("an incident leaves an edited file alone, until its own text is put back", () => {
  scene.edit(FILE, "says allow");
  scene.apply(checkoutEgress(false), 5);
  expect(changes).toEqual([]);
  expect(judged().decision).toBe("allow");
  expect(read.files.find(({ name }) => name === FILE)?.text).toBe("says allow");

  const own = scene.policies().get(FILE)!;
  expect(scene.edit(FILE, MARK + policyYaml(own))).toMatchObject({ outcome: "back" });
  expect(judged().decision).toBe("default-deny");
  scene.apply(checkoutEgress(true), 6);
  expect(changes).toEqual([{ at: 6, file: FILE }]);
});

test("the same connection is worked out once, and anew when something changed", () => {
  judged();
  judged();
  expect(read.asked).toHaveLength(1);
  scene.setRunning("web/checkout-v2", true, 1);
  judged();
  expect(read.asked).toHaveLength(2);
  scene.setRunning("web/checkout-v2", false, 2);
  const [asked] = read.asked;
  expect(asked).toMatchObject({
    direction: "egress",
    from: { kind: "pod", namespace: "web" },
    to: { kind: "pod", namespace: "web", ports: [{ name: "redis", port: 6379 }] },
  });
});

test("without an engine nothing is obeyed", () => {
  expect(createScene(world, createRandom("p")).edit("mine.yaml", "says allow")).toBeUndefined();
});
