import type { IncomingMessage, Server as HttpServer } from "node:http";
import { Server, type Socket } from "socket.io";
import type { ApiError, ClientEvents, ServerEvents, Viewer } from "@dropscope/model";
import type { CutReason } from "../metrics.js";
import { failureOf } from "../http/failures.js";
import { securityHeaders } from "../http/security.js";
import { parseFilter } from "../query/filter.js";
import type { Admission } from "./admission.js";
import type { Broadcast, Member } from "./audience.js";
import type { Connection } from "./connection.js";
import { eventFault } from "./events.js";
import { backlogOf, cutConnection, guardConnection, waitingPackets } from "./gate.js";
import { createHub, type Hub, type HubDeps } from "./hub.js";
import { createProblemHub, type ProblemHub } from "./problem-hub.js";
import type { Knowledge } from "../knowledge.js";

export interface LiveDeps extends Omit<HubDeps, "broadcastTo"> {
  admission: Admission;
  knowledge: Knowledge;
  viewerOf: (request: IncomingMessage) => Viewer;
  version: string;
}

export interface Live {
  close(): void;
}

type LiveServer = Server<ClientEvents, ServerEvents>;
type LiveSocket = Socket<ClientEvents, ServerEvents>;

/** Socket.IO on the HTTP server's port: websocket only, text only, small messages in. */
export function attachLive(http: HttpServer, deps: LiveDeps): Live {
  const { admission } = deps;
  const io: LiveServer = new Server(http, {
    serveClient: false,
    transports: ["websocket"],
    allowUpgrades: false,
    perMessageDeflate: false,
    httpCompression: false,
    maxHttpBufferSize: 16 * 1024,
    connectTimeout: 10_000,
    pingInterval: 20_000,
    pingTimeout: 15_000,
    allowRequest: (request, answer) => {
      const refusal = admission.refusal(request);
      answer(refusal, refusal === undefined);
    },
  });
  for (const handler of securityHeaders()) io.engine.use(handler);
  const connections = new Set<Connection>();
  io.engine.on("connection", (connection: Connection) => {
    connections.add(connection);
    connection.once("close", () => connections.delete(connection));
    admission.count(connection);
    guardConnection(connection, deps.clock, deps.limits.messagesPer10s, (reason) =>
      deps.metrics.cuts.inc({ reason }),
    );
  });
  deps.metrics.waiting.packets = () =>
    [...connections].reduce((sum, connection) => sum + waitingPackets(connection), 0);
  const hub = createHub({ ...deps, broadcastTo: (room) => broadcastTo(io, room) });
  const lists = createProblemHub({ ...deps, broadcastTo: (room) => broadcastTo(io, room) });
  io.on("connection", (socket) => serve(socket, { hub, lists }, deps));
  return {
    close() {
      hub.stop();
      lists.stop();
      // Not socket.io's own goodbye: a client that gets that never comes back by itself.
      for (const connection of connections) cutConnection(connection);
      io.engine.close();
    },
  };
}

/** Encoded once for the whole room. */
function broadcastTo(io: LiveServer, room: string): Broadcast {
  return (event, data, except) => {
    const target = except.length === 0 ? io.to(room) : io.to(room).except([...except]);
    target.emit(event, ...([data] as Parameters<ServerEvents[typeof event]>));
  };
}

function serve(
  socket: LiveSocket,
  { hub, lists }: { readonly hub: Hub; readonly lists: ProblemHub },
  deps: LiveDeps,
): void {
  const viewer = deps.viewerOf(socket.request);
  const cut = (reason: CutReason) => {
    deps.metrics.cuts.inc({ reason });
    cutConnection(socket.conn);
  };
  const member: Member = {
    id: socket.id,
    backlog: () => backlogOf(socket.conn, deps.limits),
    send: (event, ...data) => void socket.emit(event, ...data),
    cut,
  };
  let room: string | undefined;
  let list: string | undefined;

  function leave(): void {
    if (room === undefined) return;
    hub.leave(room, socket.id);
    void socket.leave(room);
    room = undefined;
  }

  function leaveList(): void {
    if (list === undefined) return;
    lists.leave(list, socket.id);
    void socket.leave(list);
    list = undefined;
  }

  function refuse(
    error: unknown,
    what: string,
    answer: (result: { ok: false; error: ApiError }) => void,
  ): void {
    const failure = failureOf(error, deps.coverage);
    if (failure.unexpected) deps.logger.error({ err: error }, `${what} failed`);
    answer({ ok: false, error: failure.error });
  }

  socket.use((event, next) => {
    const fault = eventFault(event);
    if (fault === undefined) next();
    else cut(fault);
  });
  socket.on("subscribe", ({ filter }, answer) => {
    try {
      const seat = hub.open(viewer, parseFilter(filter));
      leave();
      room = seat.room;
      void socket.join(room);
      // Before the picture: the page knows then which filter the picture is of.
      answer({ ok: true });
      seat.take(member);
    } catch (error) {
      refuse(error, "subscribe", answer);
    }
  });
  socket.on("unsubscribe", (_request, answer) => {
    leave();
    answer({ ok: true });
  });
  socket.on("watchProblems", ({ filter }, answer) => {
    try {
      const seat = lists.open(viewer, filter);
      leaveList();
      list = seat.room;
      void socket.join(list);
      answer({ ok: true });
      seat.take(member);
    } catch (error) {
      refuse(error, "watchProblems", answer);
    }
  });
  socket.on("disconnect", () => {
    leave();
    leaveList();
  });
  socket.emit("hello", { version: deps.version, viewer: viewer.name });
}
