/**
 * A dashboard server without a store behind it, for the page's own tests: the same files, headers, routes
 * and events, and switches for every state the page must draw. The product's tests use the real server.
 */
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";
import { json } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import type {
  ApiError,
  ClientEvents,
  Coverage,
  Edge,
  FilterFlag,
  FlowDetail,
  FlowRow,
  Gap,
  LiveFrame,
  LiveSnapshot,
  OverviewAnswer,
  ServerEvents,
  Timeline,
} from "@dropscope/model";
import { Server } from "socket.io";
import type { Socket } from "socket.io";
import { createCluster, random, wholeCoverage } from "./mock-cluster.js";
import { mockDetail } from "./mock-detail.js";
import { filterError, FLAGS, matches } from "./mock-filters.js";

/** The policy of promise S7, word for word. */
export const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
  "font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'";

const DIST = fileURLToPath(new URL("../../packages/web/dist/", import.meta.url));
const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

export interface MockOptions {
  seed?: number;
  /** Send frames four times a second; otherwise only what `frame` is told. */
  auto?: boolean;
  /** Flows and drops a second of the generated frames. */
  flowsPerSecond?: number;
  dropsPerSecond?: number;
}

export interface MockDashboard {
  readonly url: string;
  /** What the page will see; change it and call `frame`, or wait for the next one. */
  readonly state: {
    coverage: Coverage;
    gaps: Gap[];
    edges: Edge[] | undefined;
    /** Answer every REST call with this. */
    restError: ApiError | undefined;
    /** Wait so long before a REST answer or a snapshot, ms. */
    delayMs: number;
    /** Rows that the snapshot starts with; generated when undefined. */
    rows: FlowRow[] | undefined;
    dropsPerSecond: number;
    flowsPerSecond: number;
    /** Rows of history that there are in all. */
    historyRows: number;
    detail: ((detail: FlowDetail) => FlowDetail) | undefined;
    flags: FilterFlag[];
    /** What completion knows. */
    values: string[];
    /** REST answers by path below api/v1, before all others; a function is called each time, with the body of a POST. An `error` is a 400. */
    answers: Record<string, unknown>;
  };
  /** Paths and queries asked over REST, in order. */
  readonly asked: URL[];
  readonly subscribed: string[];
  /** Connections that were tried, refused ones among them. */
  readonly tries: number;
  row(ms: number, drop: boolean): FlowRow;
  /** Sends a frame to every browser. */
  frame(change?: Partial<LiveFrame>): void;
  /** Cuts all sockets and refuses new ones until `back`. */
  cut(): void;
  back(): void;
  close(): Promise<void>;
}

export async function startMockDashboard(options: MockOptions = {}): Promise<MockDashboard> {
  const cluster = createCluster(options.seed ?? 1);
  const next = random((options.seed ?? 1) + 99);
  let refusing = false;
  let tries = 0;
  let seq = 0;
  const asked: URL[] = [];
  const subscribed: string[] = [];
  const filters = new Map<string, string>();
  const started = Date.now();
  const state: MockDashboard["state"] = {
    coverage: wholeCoverage(Date.now()),
    gaps: [],
    edges: undefined,
    restError: undefined,
    delayMs: 0,
    rows: undefined,
    dropsPerSecond: options.dropsPerSecond ?? 3,
    flowsPerSecond: options.flowsPerSecond ?? 40,
    historyRows: 1200,
    detail: undefined,
    flags: FLAGS,
    values: ["kube-system", "monitoring", "payments", "web"],
    answers: {},
  };
  const known = new Map<string, FlowRow>();
  const keep = (row: FlowRow): FlowRow => {
    known.set(row.uuid, row);
    return row;
  };

  function timeline(from: number, to: number, stepMs: number): Timeline {
    const start = Math.floor(from / stepMs) * stepMs;
    const length = Math.max(1, Math.ceil((to - start) / stepMs));
    const seconds = stepMs / 1000;
    const series = (
      ["POLICY_DENIED", "POLICY_DENY", "AUTH_REQUIRED", "CT_MAP_INSERTION_FAILED"] as const
    ).map((key, at) => ({
      key,
      counts: Array.from({ length }, (_, index) => {
        const wave =
          at === 0
            ? 1 + 0.6 * Math.sin((start / stepMs + index) / 19)
            : index % 97 < 30 / (at + 1)
              ? 0.5
              : 0.05;
        const burst = at === 0 && index > length * 0.62 && index < length * 0.7 ? 4 : 1;
        return Math.round(
          Math.max(
            0,
            wave * burst * next() * state.dropsPerSecond * seconds * (at === 0 ? 0.8 : 0.35),
          ),
        );
      }),
    }));
    return {
      from: start,
      to: start + length * stepMs,
      stepMs,
      series: state.dropsPerSecond > 0 ? series : [],
      gaps: state.gaps,
    };
  }

  const edgesNow = (): Edge[] =>
    state.edges ??
    (state.dropsPerSecond > 0 ? cluster.edges(Date.now(), 20 + (Date.now() - started) / 2000) : []);

  function coverage(): Coverage {
    return { ...state.coverage, now: Date.now() };
  }

  function snapshot(filter: string): LiveSnapshot {
    const now = Date.now();
    const from = now - 900_000;
    const total = state.rows ? 0 : state.flowsPerSecond > 0 ? 200 : 0;
    const rows =
      state.rows ??
      Array.from({ length: total }, (_, index) =>
        cluster.row(
          now - index * 45,
          next() < state.dropsPerSecond / Math.max(1, state.flowsPerSecond),
        ),
      );
    return {
      at: now,
      coverage: coverage(),
      drops: timeline(from, now, 1000),
      verdicts: state.flowsPerSecond > 0 ? cluster.verdicts(900, state.dropsPerSecond > 0) : [],
      edges: edgesNow().filter(
        (edge) =>
          filter === "" || !filter.includes("--to-port") || filter.includes(String(edge.port)),
      ),
      flows: rows.map(keep).filter((row) => matches(row, filter)),
    };
  }

  const http = createServer((request, response) => {
    void answer(request, response).catch(() => response.destroy());
  });
  const io = new Server<ClientEvents, ServerEvents>(http, {
    transports: ["websocket"],
    serveClient: false,
    allowRequest: (_, decide) => {
      tries += 1;
      decide(null, !refusing);
    },
  });

  io.on("connection", (socket: Socket<ClientEvents, ServerEvents>) => {
    socket.emit("hello", { version: "0.1.0", viewer: "local" });
    socket.on("subscribe", (request, reply) => {
      subscribed.push(request.filter);
      const error = filterError(request.filter);
      if (error) return reply({ ok: false, error });
      filters.set(socket.id, request.filter);
      setTimeout(() => {
        reply({ ok: true });
        socket.emit("snapshot", snapshot(request.filter));
      }, state.delayMs);
    });
    socket.on("unsubscribe", (_, reply) => {
      filters.delete(socket.id);
      reply({ ok: true });
    });
    // The list of problems never comes: pages that need one are tested on the real server.
    socket.on("watchProblems", (_, reply) => reply({ ok: true }));
    socket.on("disconnect", () => filters.delete(socket.id));
  });

  function frame(change: Partial<LiveFrame> = {}): void {
    const now = Date.now();
    const drops = change.drops ?? [];
    for (const [id, filter] of filters) {
      const flows = (change.flows ?? []).map(keep).filter((row) => matches(row, filter));
      io.to(id).emit("frame", {
        at: now,
        more: 0,
        skipped: 0,
        ...change,
        seq: ++seq,
        drops,
        flows,
      });
    }
  }

  let debt = 0;
  const timer = setInterval(() => {
    if (!options.auto) return;
    const now = Date.now();
    debt += state.flowsPerSecond / 4;
    const size = Math.floor(debt);
    debt -= size;
    const listed = Math.min(200, size);
    const rate = state.dropsPerSecond / Math.max(1, state.flowsPerSecond);
    const flows = Array.from({ length: listed }, (_, index) =>
      cluster.row(now - index * 2, next() < rate),
    );
    const counts = new Map<string, number>();
    for (const row of flows) {
      if (row.reason !== "")
        counts.set(
          row.reason,
          (counts.get(row.reason) ?? 0) + Math.max(1, size / Math.max(1, listed)),
        );
    }
    frame({
      flows,
      more: size - listed,
      drops: [...counts].map(([reason, count]) => [
        Math.floor(now / 1000) * 1000,
        reason,
        Math.round(count),
      ]),
      ...(seq % 8 === 0 && { edges: edgesNow() }),
      coverage: coverage(),
    });
  }, 250);

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://127.0.0.1");
    response.setHeader("content-security-policy", CSP);
    response.setHeader("x-content-type-options", "nosniff");
    response.setHeader("cross-origin-opener-policy", "same-origin");
    response.setHeader("cross-origin-resource-policy", "same-origin");
    response.setHeader("referrer-policy", "no-referrer");
    if (url.pathname.startsWith("/api/v1/")) {
      asked.push(url);
      await new Promise((done) => setTimeout(done, state.delayMs));
      const sent = request.method === "POST" ? await json(request) : undefined;
      const [status, body] = rest(url, sent);
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
      return;
    }
    const path =
      url.pathname === "/" ? "index.html" : normalize(url.pathname).replace(/^[/.]+/, "");
    const file = await readFile(join(DIST, path)).catch(() => undefined);
    if (!file) {
      response.writeHead(404).end();
      return;
    }
    response
      .writeHead(200, { "content-type": TYPES[extname(path)] ?? "application/octet-stream" })
      .end(file);
  }

  function rest(url: URL, sent: unknown): [number, unknown] {
    if (state.restError) return [503, { error: state.restError }];
    const query = url.searchParams;
    const path = url.pathname.slice("/api/v1/".length);
    const given = state.answers[decodeURIComponent(path)];
    if (given !== undefined) {
      const found: unknown =
        typeof given === "function"
          ? (given as (asked: URL, sent: unknown) => unknown)(url, sent)
          : given;
      const refused = typeof found === "object" && found !== null && "error" in found;
      return [refused ? 400 : 200, found];
    }
    if (path.endsWith("/explanation")) return [200, { explanation: null, problem: "" }];
    if (path === "known") {
      const since = started - 90 * 86_400_000;
      return [200, { flows: since, counts: since, policies: since, pods: since }];
    }
    if (path.startsWith("addresses/")) {
      const address = decodeURIComponent(path.slice("addresses/".length));
      const nobody = { owner: null, others: [], names: [], policies: [] };
      return [200, { address, at: Number(query.get("at")), ...nobody }];
    }
    if (path === "filters") return [200, { flags: state.flags }];
    if (path === "complete") {
      return [
        200,
        { values: state.values.filter((name) => name.startsWith(query.get("prefix") ?? "")) },
      ];
    }
    const filter = query.get("filter") ?? "";
    const error = filterError(filter);
    if (error) return [400, { error }];
    const from = Number(query.get("from"));
    const to = Number(query.get("to"));
    if (path === "overview") {
      const step = to - from > 7_200_000 ? 60_000 : to - from > 1_800_000 ? 10_000 : 1000;
      const answerBody: OverviewAnswer = {
        drops: timeline(from, to, step),
        verdicts: cluster.verdicts(((to - from) / 1000) * 1.5, true),
        edges: cluster.edges(to, (to - from) / 9000),
        coverage: coverage(),
      };
      return [200, answerBody];
    }
    if (path === "flows") {
      const start = Number(query.get("cursor") ?? 0);
      const size = Math.min(Number(query.get("limit") ?? 200), state.historyRows - start);
      const rows = Array.from({ length: size }, (_, index) =>
        keep(
          cluster.row(
            to - ((start + index) / state.historyRows) * (to - from),
            (start + index) % 9 === 0,
          ),
        ),
      ).filter((row) => matches(row, filter));
      const end = start + size;
      return [200, { flows: rows, ...(end < state.historyRows && { next: String(end) }) }];
    }
    const row = known.get(decodeURIComponent(path.replace(/^flows\//, "")));
    if (!row) {
      return [
        404,
        {
          error: {
            code: "FLOW_NOT_FOUND",
            message: "This flow is not in the store.",
            next: "It may be older than the retention, or the link is cut.",
          },
        },
      ];
    }
    const related = [
      cluster.row(Number(BigInt(row.timeNs) / 1_000_000n) - 1, true),
      cluster.row(Number(BigInt(row.timeNs) / 1_000_000n) + 3, false),
    ].map(keep);
    const detail = mockDetail(row, related);
    return [200, state.detail ? state.detail(detail) : detail];
  }

  await new Promise<void>((done) => http.listen(0, "127.0.0.1", done));
  const { port } = http.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    state,
    asked,
    subscribed,
    get tries() {
      return tries;
    },
    row: (ms, drop) => keep(cluster.row(ms, drop)),
    frame,
    cut() {
      refusing = true;
      io.disconnectSockets(true);
    },
    back() {
      refusing = false;
    },
    async close() {
      clearInterval(timer);
      await io.close();
      http.closeAllConnections();
    },
  };
}
