import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { LOCAL_VIEWER, type Part, systemClock } from "@dropscope/model";
import { Registry } from "prom-client";
import { type DashboardOptions, DEFAULT_LIMITS, type Limits } from "./config.js";
import { createApp } from "./http/app.js";
import { createMetricsServer } from "./http/metrics-route.js";
import { createRateLimit } from "./http/rate.js";
import { createAdmission } from "./live/admission.js";
import { attachLive, type Live } from "./live/sockets.js";
import { createMetrics } from "./metrics.js";
import { createHostRule } from "./net/hosts.js";
import { closeServer, listen } from "./net/listen.js";
import { createLintThread } from "./policies/lint-thread.js";
import { createLinter } from "./policies/linter.js";
import { createTuningDesk } from "./tuning/desk.js";
import { createTuningThread } from "./tuning/tuning-thread.js";
import { createWorlds } from "./world/worlds.js";
import { isLoopback, loopbackAddress } from "./net/loopback.js";

export interface Dashboard extends Part {
  /** Where it listens; undefined before `start` and after `stop`. */
  address(): AddressInfo | undefined;
  metricsAddress(): AddressInfo | undefined;
}

/**
 * The server that shows stored and live flows to browsers and programs.
 * `start` throws DropscopeError `BIND_NEEDS_AUTH`, `BIND_UNKNOWN_HOST`, `BIND_FAILED`, `PORT_BUSY`, `PORT_DENIED`.
 */
export function createDashboard(options: DashboardOptions): Dashboard {
  const clock = options.clock ?? systemClock;
  const limits: Limits = { ...DEFAULT_LIMITS, ...options.limits };
  const registry = options.registry ?? new Registry();
  const metrics = createMetrics(registry);
  let bound: AddressInfo | undefined;
  let metricsBound: AddressInfo | undefined;
  let live: Live | undefined;

  const worlds = createWorlds(options.knowledge);
  const shared = {
    ...options,
    clock,
    limits,
    metrics,
    books: options.books,
    linter: createLinter(options.knowledge, {
      run: options.lintRun ?? createLintThread(clock),
      clock,
      logger: options.logger,
    }),
    worlds,
    tuning: createTuningDesk(options.knowledge, worlds, {
      run: options.tuningRun ?? createTuningThread(clock),
      clock,
    }),
    // Mode none: whoever reaches loopback is the machine's own user.
    viewerOf: () => LOCAL_VIEWER,
    hostRule: createHostRule(() => bound?.port ?? options.listen.port, options.hosts),
  };
  const queries = createRateLimit(clock, (address) =>
    isLoopback(address) ? limits.loopbackQueriesPerMinute : limits.queriesPerMinute,
  );
  const handshakes = createRateLimit(clock, () => limits.handshakesPerMinute);
  const ownMetrics = options.metricsListen === undefined ? registry : undefined;
  const app = createApp({ ...shared, queries, registry: ownMetrics });
  const server = createServer({ headersTimeout: 10_000, requestTimeout: 30_000 }, app);
  const metricsServer = createMetricsServer(registry);

  async function stop(deadlineMs: number): Promise<void> {
    live?.close();
    live = undefined;
    shared.linter.stop();
    shared.tuning.stop();
    bound = undefined;
    metricsBound = undefined;
    await Promise.all([closeServer(server, deadlineMs), closeServer(metricsServer, deadlineMs)]);
  }

  return {
    async start() {
      const host = await loopbackAddress(options.listen.host);
      // First the side port: when it is taken, nobody has been served yet.
      if (options.metricsListen !== undefined) {
        const { host, port } = options.metricsListen;
        metricsBound = await listen(metricsServer, host, port);
      }
      try {
        bound = await listen(server, host, options.listen.port);
      } catch (error) {
        await stop(0);
        throw error;
      }
      const admission = createAdmission(shared.hostRule, handshakes, limits, metrics);
      live = attachLive(server, { ...shared, admission });
      options.logger.info({ address: bound.address, port: bound.port }, "dashboard listens");
    },
    stop,
    address: () => bound,
    metricsAddress: () => metricsBound,
  };
}
