import type { IncomingMessage } from "node:http";
import type { Connection } from "./connection.js";
import type { Limits } from "../config.js";
import type { RateLimit } from "../http/rate.js";
import type { CutReason, Metrics } from "../metrics.js";
import type { HostRule } from "../net/hosts.js";

/** Decides who may open a socket, before one exists. */
export interface Admission {
  /** Why not, or undefined. */
  refusal(request: IncomingMessage): CutReason | undefined;
  /** Counts an open connection until it closes. */
  count(connection: Connection): void;
}

/** The CORS option of socket.io does not stop a websocket of a foreign page; this does. */
export function createAdmission(
  rule: HostRule,
  handshakes: RateLimit,
  limits: Limits,
  metrics: Metrics,
): Admission {
  const open = new Map<string, number>();

  function change(address: string, by: number): void {
    const count = (open.get(address) ?? 0) + by;
    if (count > 0) open.set(address, count);
    else open.delete(address);
  }

  function judge(request: IncomingMessage): CutReason | undefined {
    const { host, origin } = request.headers;
    if (!rule.allowsHost(host)) return "host";
    if (!rule.allowsOrigin(origin, host)) return "origin";
    const address = request.socket.remoteAddress ?? "";
    if ((open.get(address) ?? 0) >= limits.socketsPerAddress) return "too-many";
    return handshakes.take(address) > 0 ? "too-often" : undefined;
  }

  return {
    refusal(request) {
      const reason = judge(request);
      if (reason !== undefined) metrics.cuts.inc({ reason });
      return reason;
    },
    count(connection) {
      const address = connection.remoteAddress;
      change(address, 1);
      metrics.sockets.inc();
      connection.once("close", () => {
        change(address, -1);
        metrics.sockets.dec();
      });
    },
  };
}
