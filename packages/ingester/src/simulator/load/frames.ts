import { createWorld } from "../cluster/world.js";
import { INCIDENTS } from "../incidents/catalog.js";
import { createScene } from "../policies/scene.js";
import { createRandom } from "../random.js";
import { encodeFlowResponse } from "../server/encode-flow.js";
import { createGenerator, formatTime } from "../traffic/generator.js";
import type { Flow } from "@dropscope/model";
import { findPatches, type Patch } from "./patch.js";

/** gRPC frames of many flows, one behind the other, and where in them the changing bytes are. */
export interface Frames {
  /** Each frame: 1 byte "not compressed", 4 bytes length, message. */
  bytes: Buffer;
  /** Start of each frame in `bytes`, and the end of the last one. */
  starts: Uint32Array;
  /** Places of frame i: its id, and its two times (flow and envelope). */
  patches: Patch[];
}

/**
 * Encodes `count` flows of the shop once. Times are encoded in a fixed width, so that
 * each can be overwritten in place.
 */
export function createFrames(seed: string, count: number): Frames {
  const flows = shopFlows(seed, count);
  const messages = flows.map((flow) => {
    // Epoch seconds take five bytes on the wire until 2106; nanos of 2^28 and more do too.
    const time = formatTime(Date.UTC(2026, 0, 1), 999_999_999);
    return encodeFlowResponse({ ...flow, time });
  });
  const total = messages.reduce((sum, message) => sum + 5 + message.length, 0);
  const bytes = Buffer.allocUnsafe(total);
  const starts = new Uint32Array(count + 1);
  const patches: Patch[] = [];
  let at = 0;
  messages.forEach((message, i) => {
    starts[i] = at;
    bytes[at] = 0;
    bytes.writeUInt32BE(message.length, at + 1);
    bytes.set(message, at + 5);
    patches.push(findPatches(bytes, at + 5, message.length));
    at += 5 + message.length;
  });
  starts[count] = at;
  return { bytes, starts, patches };
}

function shopFlows(seed: string, count: number): Flow[] {
  const random = createRandom(seed);
  const world = createWorld("shop", 3, random.fork("cluster"));
  const flows: Flow[] = [];
  const generator = createGenerator({
    world,
    scene: createScene(world, random.fork("policies")),
    random,
    rate: 2000,
    routing: "tunnel",
    incidents: INCIDENTS,
    startMs: Date.UTC(2026, 0, 1),
    emit: ({ flow }) => flows.push(flow),
    lose: () => {},
  });
  for (let second = 1; flows.length < count; second++) generator.advance(second * 1e9);
  return flows.slice(0, count);
}
