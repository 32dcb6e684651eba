import { Server } from "@grpc/grpc-js";
import { systemClock, type Flow, type Part } from "@dropscope/model";
import { createWorld } from "./cluster/world.js";
import { INCIDENTS, incidentsNamed } from "./incidents/catalog.js";
import type { SimulatorOptions } from "./options.js";
import { createFolderEyes } from "./policies/edits.js";
import { createScene, type SceneChange } from "./policies/scene.js";
import { createPolicyFolder } from "./policies/write.js";
import { createRandom } from "./random.js";
import { createAgent, type Agent } from "./server/agent.js";
import { bind } from "./server/bind.js";
import { serverCredentials } from "./server/credentials.js";
import { encodeFlowResponse } from "./server/encode-flow.js";
import { createObserver, type ObserverService } from "./server/observer.js";
import { createGenerator, formatTime, type Generator } from "./traffic/generator.js";

/** A simulated cluster behind a Hubble-compatible gRPC server. */
export interface Simulator extends Part {
  /** Where it listens, `host:port`. Only after `start`. */
  address(): string;
  /**
   * Puts a flow into the ring of `flow.node_name` (the first node, if it names none that
   * exists). `time`, `uuid` and `node_name` are filled in where they are missing.
   * @returns the flow as it was stored
   * @throws TypeError for a flow that does not fit the proto
   */
  inject(flow: Flow): Flow;
  /** Cuts the node off from relay; its ring goes on. `restart`: the agent also forgets its ring. */
  dropNode(name: string, options?: { restart?: boolean }): void;
  restoreNode(name: string): void;
  /** Ends the node's part of all open streams without an error: relay never asks it again on them. */
  silenceNode(name: string): void;
  /** The node's agent lost `count` events before it saw them; every later reader is told. */
  loseEvents(
    name: string,
    count: number,
    source?: "PERF_EVENT_RING_BUFFER" | "OBSERVER_EVENTS_QUEUE",
  ): void;
  /** Ends every stream with UNAVAILABLE and closes the port; the cluster lives on. */
  hangUp(): Promise<void>;
  /** Listens again on the same port. */
  answer(): Promise<void>;
  /** What was put into the rings since the start. */
  totals(): { flows: number; lost: number; byNode: Record<string, number> };
  /** Incidents that are going on. */
  active(): { incident: string; phase: string }[];
  /** Number of open GetFlows streams. */
  streams(): number;
}

const TICK_MS = 20;
const LAST_WORDS_MS = 100;
/** How often the folder is looked at, ms. */
const LOOK_MS = 100;

/**
 * Makes a simulator; `start` opens the port.
 * @throws DropscopeError `SIMULATOR_INCIDENT` for an unknown incident, and from `start`
 *   `PORT_BUSY`, `PORT_DENIED`, `BIND_FAILED`, `SIMULATOR_FOREIGN_FILE`.
 */
export function createSimulator(options: SimulatorOptions = {}): Simulator {
  const clock = options.clock ?? systemClock;
  const random = createRandom(options.seed ?? "shop");
  const cluster = options.cluster ?? "shop";
  const world = createWorld(cluster, options.nodes ?? 3, random.fork("cluster"));
  const incidents = options.incidents === undefined ? INCIDENTS : incidentsNamed(options.incidents);
  const host = options.listen?.host ?? "127.0.0.1";
  /** Files that changed, and when: ns since the start. */
  const changed = new Map<string, number>();
  const { policiesDir, engine } = options;
  const onChange = ({ file, at }: SceneChange): void => void changed.set(file, at);
  const scene = createScene(world, random.fork("policies"), onChange, engine);
  const folder =
    policiesDir === undefined
      ? undefined
      : createPolicyFolder(policiesDir, scene, engine !== undefined);
  const eyes = engine && policiesDir !== undefined ? createFolderEyes(policiesDir) : undefined;
  let lookedAt = Number.NEGATIVE_INFINITY;
  const agents = world.nodes.map((node) =>
    createAgent(node, options.ring ?? 4095, options.holdNewest ?? false),
  );
  const injected = random.fork("injected");
  let lost = 0;
  let port = options.listen?.port ?? 4245;
  let startMs = 0;
  let server: Server | undefined;
  let observer: ObserverService | undefined;
  let generator: Generator | undefined;
  let cancelTick: (() => void) | undefined;

  const now = (): number => (clock.now() - startMs) * 1e6;

  function tick(): void {
    cancelTick = clock.after(TICK_MS, tick);
    generator?.advance(now());
    flushPolicies();
    readEdits();
    observer?.pumpAll();
  }

  function readEdits(): void {
    if (eyes === undefined || clock.now() - lookedAt < LOOK_MS) return;
    lookedAt = clock.now();
    const { written, removed } = eyes.look();
    const edits = [
      ...written.filter(({ name, text }) => folder?.isOwn(name, text) !== true),
      ...removed.map((name) => ({ name, text: undefined })),
    ];
    for (const { name, text } of edits) {
      const outcome = scene.edit(name, text);
      if (outcome !== undefined) options.onEdit?.(outcome);
    }
  }

  function flushPolicies(): void {
    for (const [file, at] of changed) {
      changed.delete(file);
      try {
        folder?.write(file, startMs + at / 1e6);
      } catch (error) {
        // The traffic goes on; the next change of the file tries again.
        process.emitWarning(error instanceof Error ? error : String(error));
      }
    }
  }

  async function listen(): Promise<void> {
    observer = createObserver({
      mode: options.mode ?? "relay",
      agents,
      cluster,
      startMs,
      now,
      tls: options.tls !== undefined,
      sort: { length: options.sort?.length ?? 100, drainMs: options.sort?.drainMs ?? 1000 },
    });
    const made = new Server({ "grpc.max_send_message_length": -1 });
    made.addService(observer.definition, observer.implementation);
    port = await bind(made, host, port, serverCredentials(options.tls));
    server = made;
  }

  function agentNamed(name: string): Agent {
    const agent = agents.find(({ node }) => node.name === name || node.hubbleName === name);
    if (agent === undefined) throw new RangeError(`no node ${name} in the simulated cluster`);
    return agent;
  }

  function writeLoss(agent: Agent, count: number, source: string): void {
    lost += count;
    const at = now();
    const time = formatTime(startMs, Math.round(at));
    const cpu = source === "PERF_EVENT_RING_BUFFER" ? { cpu: count % 4 } : {};
    agent.write({ at, time, lost: { source, count, ...cpu } });
  }

  return {
    async start() {
      if (server !== undefined) return;
      startMs = clock.now() - Math.round((options.historySeconds ?? 0) * 1000);
      generator = createGenerator({
        world,
        scene,
        random,
        rate: options.rate ?? 150,
        routing: options.routing ?? "tunnel",
        incidents,
        untilRepaired: options.untilRepaired ?? false,
        startMs,
        emit: ({ node, at, flow }) =>
          agents[node.index]?.write({ at, flow, time: flow.time ?? "" }),
        lose: (node, count) => {
          const agent = agents[node.index];
          if (agent !== undefined) writeLoss(agent, count, "PERF_EVENT_RING_BUFFER");
        },
      });
      generator.advance(now());
      folder?.writeAll(startMs);
      flushPolicies();
      await listen();
      tick();
    },
    async stop() {
      cancelTick?.();
      cancelTick = undefined;
      await this.hangUp();
    },
    address: () => `${host}:${port}`,
    inject(flow) {
      const at = now();
      const agent =
        agents.find(
          ({ node }) => node.hubbleName === flow.node_name || node.name === flow.node_name,
        ) ?? agents[0];
      if (agent === undefined) throw new RangeError("a cluster without nodes sees no flows");
      const time = flow.time ?? formatTime(startMs, Math.round(at));
      const stored: Flow = {
        ...flow,
        time,
        uuid: flow.uuid ?? injected.uuid(),
        node_name: agent.node.hubbleName,
      };
      // Encoded at once: a flow that cannot be is the caller's mistake, not the next reader's.
      agent.write({ at, flow: stored, time, bytes: encodeFlowResponse(stored) });
      observer?.pumpAll();
      return stored;
    },
    dropNode(name, { restart = false } = {}) {
      const agent = agentNamed(name);
      agent.reachable = false;
      agent.epoch++;
      if (restart) agent.restart(now());
      observer?.pumpAll();
    },
    restoreNode(name) {
      agentNamed(name).reachable = true;
    },
    silenceNode(name) {
      agentNamed(name).silence++;
      observer?.pumpAll();
    },
    loseEvents(name, count, source = "PERF_EVENT_RING_BUFFER") {
      writeLoss(agentNamed(name), count, source);
      observer?.pumpAll();
    },
    async hangUp() {
      const closing = server;
      observer?.breakAll();
      server = undefined;
      observer = undefined;
      if (closing !== undefined) await shutDown(closing);
    },
    async answer() {
      if (server === undefined) await listen();
    },
    totals: () => ({
      lost,
      flows: agents.reduce((sum, agent) => sum + agent.flows, 0),
      byNode: Object.fromEntries(agents.map((agent) => [agent.node.hubbleName, agent.flows])),
    }),
    active: () => generator?.schedule.active() ?? [],
    streams: () => observer?.streams() ?? 0,
  };
}

/** Lets the last words out, then cuts what is still open. */
async function shutDown(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, LAST_WORDS_MS);
    server.tryShutdown(() => {
      clearTimeout(timer);
      resolve();
    });
  });
  server.forceShutdown();
}
