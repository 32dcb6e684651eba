/** The live room: a socket, its frames, and the picture that they add up to. */
import type {
  ApiError,
  ClientEvents,
  Coverage,
  Edge,
  LiveFrame,
  LiveSnapshot,
  ServerEvents,
  StatusAnswer,
  VerdictCount,
} from "@dropscope/model";
import { computed, effect, signal } from "@preact/signals";
import { io } from "socket.io-client";
import type { Socket } from "socket.io-client";
import { bandsOf, watchCoverage, withGaps } from "../lib/bands.js";
import type { Band } from "../lib/bands.js";
import { createFeed } from "../lib/feed.js";
import { createDropWindow } from "../lib/series.js";
import { get } from "./api.js";
import { learnServerTime, serverNow } from "./clock.js";
import { basePath, filter, place } from "./nav.js";
import { LIVE_MS } from "./view.js";

export type Link =
  | { state: "connecting" }
  | { state: "connected" }
  /** Server clock, ms: since when, and when the next try is. */
  | { state: "lost"; since: number; retryAt: number; message: string };

export const link = signal<Link>({ state: "connecting" });
/** True from the first snapshot on, while the flows are on the page. */
export const ready = signal(false);
/** Something of this server has been seen: a lost connection leaves a picture. */
export const met = signal(false);
/** Only one place shows flows; the others need no frames of them. */
const wantsFlows = computed(() => place.value === "live");
export const coverage = signal<Coverage | undefined>(undefined);
export const verdicts = signal<VerdictCount[]>([]);
export const edges = signal<Edge[]>([]);
export const bands = signal<Band[]>([]);
/** Moves when the drop window changed. */
export const dropsTick = signal(0);
/** Moves when the rows to draw changed. */
export const feedTick = signal(0);
export const skipped = signal(0);
/** Server clock, ms: when a frame last left rows out because there were too many to list. */
export const leftOut = signal(0);
export const trouble = signal<ApiError | undefined>(undefined);
/** The filter that the room really applies, and why it is not the one in the line. */
export const applied = signal("");
export const filterError = signal<ApiError | undefined>(undefined);
export const version = signal("");

export const drops = createDropWindow(LIVE_MS);
export const feed = createFeed();

let socket: Socket<ServerEvents, ClientEvents> | undefined;
let failures = 0;
let statusTimer: ReturnType<typeof setTimeout> | undefined;
const STATUS_MS = 3000;
let retry: ReturnType<typeof setTimeout> | undefined;
let lastFrame = 0;
/** Frames add to a snapshot; without one of this connection they would add to nothing. */
let synced = false;

export function startLive(): void {
  socket = io({
    path: `${basePath}socket.io`,
    transports: ["websocket"],
    reconnection: false,
    autoConnect: false,
  });
  socket.on("connect", onConnect);
  socket.on("hello", (info) => {
    version.value = info.version;
    met.value = true;
    // Where no flows are wanted nothing else needs to come for the page to be connected.
    if (!wantsFlows.peek()) link.value = { state: "connected" };
  });
  socket.on("snapshot", onSnapshot);
  socket.on("frame", onFrame);
  socket.on("trouble", (error) => {
    synced = false;
    trouble.value = error;
    link.value = { state: "connected" };
    void askStatus();
  });
  socket.on("connect_error", (error) => lost(error.message));
  socket.on("disconnect", (reason) => lost(reason));
  for (const use of users) use(socket);
  effect(() => {
    const line = filter.value;
    if (!wantsFlows.value) leaveFlows();
    else if (socket?.connected) subscribe(line);
  });
  addEventListener("online", retryNow);
  socket.connect();
}

/** Others that listen on the same socket; to be called before `startLive`. */
export function withSocket(use: (socket: Socket<ServerEvents, ClientEvents>) => void): void {
  users.push(use);
}
const users: ((socket: Socket<ServerEvents, ClientEvents>) => void)[] = [];

function leaveFlows(): void {
  synced = false;
  ready.value = false;
  trouble.value = undefined;
  if (socket?.connected) socket.emit("unsubscribe", {}, () => undefined);
}

/** The server spoke. @param at its clock, ms */
export function heard(at: number, found: Coverage | undefined): void {
  learnServerTime(at);
  lastFrame = at;
  met.value = true;
  if (found) coverage.value = found;
  if (link.peek().state !== "connected") link.value = { state: "connected" };
}

export function retryNow(): void {
  clearTimeout(retry);
  if (socket && !socket.connected) socket.connect();
}

function onConnect(): void {
  synced = false;
  failures = 0;
  clearTimeout(retry);
  if (wantsFlows.peek()) subscribe(filter.peek());
}

function lost(message: string): void {
  const before = link.peek();
  const wait = Math.min(10_000, 500 * 2 ** failures++);
  const since = before.state === "lost" ? before.since : lastFrame || serverNow();
  link.value = { state: "lost", since, retryAt: serverNow() + wait, message };
  clearTimeout(retry);
  retry = setTimeout(() => socket?.connect(), wait);
}

/** Asks for a room. When the line is wrong the room before stays, or everything is shown: never nothing. */
function subscribe(line: string, fallback = false): void {
  socket?.timeout(10_000).emit("subscribe", { filter: line }, (late, result) => {
    // A lost answer means a lost connection: it is noticed there.
    if (late || (!fallback && line !== filter.peek())) return;
    if (result.ok) {
      applied.value = line;
      if (!fallback) filterError.value = undefined;
      return;
    }
    filterError.value = result.error;
    if (!ready.peek() && !fallback) subscribe("", true);
  });
}

/** While the room has no picture no frame tells how the parts are: the page asks. */
async function askStatus(): Promise<void> {
  clearTimeout(statusTimer);
  if (!trouble.peek()) return;
  try {
    const { coverage: found } = await get<StatusAnswer>("status", {});
    if (trouble.peek()) coverage.value = found;
  } catch {
    // The connection says it when the server is gone.
  }
  statusTimer = setTimeout(() => void askStatus(), STATUS_MS);
}

function onSnapshot(snapshot: LiveSnapshot): void {
  // One that was on its way when the reader left.
  if (!wantsFlows.peek()) return;
  synced = true;
  heard(snapshot.at, undefined);
  drops.load(snapshot.drops);
  feed.reset(snapshot.flows);
  verdicts.value = snapshot.verdicts;
  edges.value = snapshot.edges;
  bands.value = watchCoverage(bandsOf(snapshot.drops.gaps), undefined, snapshot.coverage);
  coverage.value = snapshot.coverage;
  trouble.value = undefined;
  ready.value = true;
  dropsTick.value++;
  feedTick.value++;
}

let drawPlanned = false;
let rowsPlanned: ReturnType<typeof setTimeout> | undefined;
let rowsDrawn = 0;

function onFrame(frame: LiveFrame): void {
  if (!synced) return;
  learnServerTime(frame.at);
  lastFrame = frame.at;
  for (const [second, reason, count] of frame.drops) drops.add(second, reason, count);
  feed.push(frame.flows, frame.more);
  if (frame.skipped > 0) skipped.value += frame.skipped;
  if (frame.more > 0) leftOut.value = frame.at;
  if (frame.coverage) {
    bands.value = watchCoverage(bands.peek(), coverage.peek(), frame.coverage);
    coverage.value = frame.coverage;
  }
  if (frame.gaps) bands.value = withGaps(bandsOf(frame.gaps), bands.peek());
  if (frame.verdicts) verdicts.value = frame.verdicts;
  if (frame.edges) edges.value = frame.edges;
  if (frame.drops.length > 0 && !drawPlanned) {
    drawPlanned = true;
    requestAnimationFrame(() => {
      drawPlanned = false;
      dropsTick.value++;
    });
  }
  if (frame.flows.length > 0) planRows(frame.flows.length);
}

/** Few rows show at once; a flood is drawn twice a second, because nobody reads faster. */
function planRows(arrived: number): void {
  if (rowsPlanned !== undefined) return;
  const pause = Math.min(500, arrived * 20);
  const wait = Math.max(0, rowsDrawn + pause - performance.now());
  rowsPlanned = setTimeout(() => {
    rowsPlanned = undefined;
    rowsDrawn = performance.now();
    feedTick.value++;
  }, wait);
}

/** Why the rows stand still; any reason is enough. */
const holds = new Set<string>();
export const paused = signal(false);
export const held = signal(false);

export function hold(why: string, on: boolean): void {
  if (on) holds.add(why);
  else holds.delete(why);
  feed.hold(holds.size > 0);
  held.value = holds.size > 0;
  paused.value = holds.has("pause");
  feedTick.value++;
}

export function followNewest(): void {
  holds.clear();
  hold("pause", false);
}
