import type { Coverage } from "@dropscope/model";

/** Coverage in which all is well, but for what the test says. */
export function coverageOf(
  change: {
    now?: number;
    store?: Partial<Coverage["store"]>;
    source?: Partial<Coverage["source"]>;
    nodes?: Coverage["nodes"];
  } = {},
): Coverage {
  return {
    now: change.now ?? 0,
    source: {
      kind: "relay",
      address: "127.0.0.1:4245",
      state: "ok",
      message: "",
      ...change.source,
    },
    nodes: change.nodes ?? { connected: 1, total: 1, unavailable: [] },
    lost: { recent: 0, total: 0 },
    lagMs: 0,
    flowsPerSecond: 0,
    store: { state: "ok", message: "", waiting: 0, quarantined: 0, ...change.store },
  };
}
