import type { Socket } from "socket.io";

/** The engine.io side of a socket: one websocket, below events and rooms. */
export type Connection = Socket["conn"];
