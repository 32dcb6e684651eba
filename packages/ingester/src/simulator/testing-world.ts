import { createWorld, type World } from "./cluster/world.js";
import type { Incident } from "./incidents/types.js";
import { createScene, type Scene, type SceneChange } from "./policies/scene.js";
import { createRandom } from "./random.js";
import type { Routing } from "./traffic/context.js";
import { createGenerator, type Generator, type Observed } from "./traffic/generator.js";

/** The cluster without a server: for tests of what it makes. */
export interface BareWorld {
  world: World;
  scene: Scene;
  generator: Generator;
  seen: Observed[];
  changes: SceneChange[];
  lost: number[];
}

export function bareWorld(
  options: {
    seed?: string;
    rate?: number;
    incidents?: readonly Incident[];
    routing?: Routing;
    untilRepaired?: boolean;
  } = {},
): BareWorld {
  const random = createRandom(options.seed ?? "test");
  const world = createWorld("shop", 3, random.fork("cluster"));
  const changes: SceneChange[] = [];
  const scene = createScene(world, random.fork("policies"), (change) => changes.push(change));
  const seen: Observed[] = [];
  const lost: number[] = [];
  const generator = createGenerator({
    world,
    scene,
    random,
    rate: options.rate ?? 150,
    routing: options.routing ?? "tunnel",
    incidents: options.incidents ?? [],
    untilRepaired: options.untilRepaired ?? false,
    startMs: Date.UTC(2026, 0, 1),
    emit: (observed) => seen.push(observed),
    lose: (_node, count) => lost.push(count),
  });
  return { world, scene, generator, seen, changes, lost };
}
