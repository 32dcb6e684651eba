import type { Flow } from "@dropscope/model";
import type { Node } from "../cluster/types.js";
import type { World } from "../cluster/world.js";
import { createSchedule, type Schedule } from "../incidents/schedule.js";
import type { Incident } from "../incidents/types.js";
import type { Scene } from "../policies/scene.js";
import type { Random } from "../random.js";
import type { Routing, Traffic } from "./context.js";
import { converse } from "./conversation.js";
import { probeHealth } from "./health.js";
import { PATTERNS, type Pattern } from "./patterns.js";
import { createTimeline, MS, SECOND } from "./timeline.js";

/** A flow as its agent puts it into the ring. */
export interface Observed {
  node: Node;
  /** When the agent reads it, ns since the start of the simulation. */
  at: number;
  flow: Flow;
}

export interface Generator {
  /** Makes everything that happens up to and including `at` (ns since the start). */
  advance(at: number): void;
  readonly schedule: Schedule;
}

export interface GeneratorOptions {
  world: World;
  scene: Scene;
  random: Random;
  /** Average flows per second of the normal traffic; incidents add their own. 0: none. */
  rate: number;
  routing: Routing;
  incidents: readonly Incident[];
  /** See `ScheduleOptions`. Default false. */
  untilRepaired?: boolean;
  /** Time that offset 0 stands for, ms since 1970. */
  startMs: number;
  emit: (observed: Observed) => void;
  /** The agent of a node lost events before it could read them. */
  lose: (node: Node, count: number) => void;
}

const EMITTER = { name: "Hubble", version: "1.19.4" };

/** The same options give the same flows, byte for byte, however `advance` is called. */
export function createGenerator(options: GeneratorOptions): Generator {
  const { world, rate } = options;
  const timeline = createTimeline();
  const ids = options.random.fork("uuids");
  const random = options.random.fork("traffic");
  let reported = 0;

  const traffic: Traffic = {
    world,
    scene: options.scene,
    random,
    timeline,
    routing: options.routing,
    report(node, at, flow, seenAt) {
      reported++;
      // Steps are whole µs; real clocks are not.
      const when = Math.round(at) + random.below(1000);
      timeline.at(when, () => {
        flow.time = formatTime(options.startMs, Math.round(seenAt ?? when));
        flow.uuid = ids.uuid();
        flow.node_name = node.hubbleName;
        flow.node_labels = node.labels;
        flow.emitter = EMITTER;
        options.emit({ node, at: when, flow });
      });
    },
  };
  const { incidents, untilRepaired = false, lose } = options;
  const schedule = createSchedule(traffic, { incidents, untilRepaired, lose });
  if (rate > 0 && world.nodes.length > 0) {
    spawn(0);
    for (const from of world.nodes) healthProbes(from);
  }
  return { advance: (at) => timeline.runUntil(at), schedule };

  /** Each conversation pays for its flows with the time until the next one. */
  function spawn(at: number): void {
    timeline.at(at, (time) => {
      const before = reported;
      converse(traffic, pickPattern(random), time);
      const flows = Math.max(1, reported - before);
      spawn(time + Math.round((flows / rate) * SECOND * random.between(0.5, 1.5)));
    });
  }

  function healthProbes(from: Node): void {
    const probe = (at: number): void => {
      timeline.at(at, (time) => {
        for (const to of world.nodes) {
          probeHealth(traffic, from, to, time + to.index * 3 * MS);
        }
        probe(time + 10 * SECOND);
      });
    };
    probe(Math.round((1 + from.index * 2.5) * SECOND));
  }
}

const TOTAL_WEIGHT = PATTERNS.reduce((sum, pattern) => sum + pattern.weight, 0);

function pickPattern(random: Random): Pattern {
  let left = random.next() * TOTAL_WEIGHT;
  for (const pattern of PATTERNS) {
    left -= pattern.weight;
    if (left < 0) return pattern;
  }
  return PATTERNS[0] as Pattern;
}

let cachedSecond = Number.NaN;
let cachedText = "";

/** RFC 3339 with nanoseconds. */
export function formatTime(startMs: number, offsetNs: number): string {
  const startNs = (startMs % 1000) * MS;
  const total = startNs + offsetNs;
  const second = Math.floor(startMs / 1000) + Math.floor(total / SECOND);
  if (second !== cachedSecond) {
    cachedSecond = second;
    cachedText = new Date(second * 1000).toISOString().slice(0, 19);
  }
  const nanos = total - Math.floor(total / SECOND) * SECOND;
  return `${cachedText}.${String(nanos).padStart(9, "0")}Z`;
}
