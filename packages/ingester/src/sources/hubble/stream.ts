import type { ServiceError } from "@grpc/grpc-js";
import { status as Code } from "@grpc/grpc-js";
import type { Feed } from "../../feed.js";
import type { HubbleConnection } from "./connect.js";
import { resumeRequest } from "./resume.js";

/** How one stream ended. `ours`: we ended it, to start a fresh one or to stop. */
export interface StreamEnd {
  by: "server" | "ours" | "door";
  code: Code;
  details: string;
  messages: number;
}

export interface Stream {
  readonly ended: Promise<StreamEnd>;
  /** The server said something: headers or a message. */
  readonly answered: boolean;
  readonly paused: boolean;
  /** Of relay, else of the agent; undefined until it was told. */
  readonly version: string | undefined;
  end(): void;
}

/**
 * Reads one follow stream into the feed. When the feed has no room the call is paused, which stops
 * the sender after about its flow-control window; nothing piles up here.
 */
export function readStream(connection: HubbleConnection, sinceNs: bigint, feed: Feed): Stream {
  const call = connection.getFlows(resumeRequest(sinceNs));
  let messages = 0;
  let answered = false;
  let paused = false;
  let version: string | undefined;
  let by: StreamEnd["by"] = "server";
  let finish: (end: StreamEnd) => void;
  const ended = new Promise<StreamEnd>((resolve) => {
    finish = resolve;
  });

  call.on("data", (bytes: Buffer) => {
    messages++;
    answered = true;
    feed.push(bytes);
    // A few more come after the pause. One question is enough: a second answer would have nobody
    // to hear that the door failed.
    const room = paused ? undefined : feed.room();
    if (room !== undefined) pauseUntil(room);
  });
  call.on("metadata", (metadata) => {
    answered = true;
    const told =
      metadata.get("hubble-relay-version")[0] ?? metadata.get("hubble-server-version")[0];
    if (told !== undefined) version = told.toString();
  });
  call.on("error", (error: ServiceError) => {
    finish({ by, code: error.code, details: error.details, messages });
  });
  call.on("end", () => finish({ by, code: Code.OK, details: "", messages }));

  function pauseUntil(room: Promise<void>): void {
    paused = true;
    call.pause();
    room.then(unpause, () => end("door"));
  }

  function unpause(): void {
    paused = false;
    call.resume();
  }

  function end(who: StreamEnd["by"]): void {
    by = who;
    call.cancel();
    // A paused call that is cancelled must still be read to its end.
    call.resume();
  }

  return {
    ended,
    end: () => end("ours"),
    get answered() {
      return answered;
    },
    get paused() {
      return paused;
    },
    get version() {
      return version;
    },
  };
}
