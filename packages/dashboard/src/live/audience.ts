import type { ApiError, Clock, LiveFrame, LiveSnapshot, ServerEvents } from "@dropscope/model";
import type { CutReason, Metrics } from "../metrics.js";

/** One browser. */
export interface Member {
  readonly id: string;
  /** `clear`: took everything; `behind`: holds so much that more would pile up in our memory. */
  backlog(): "clear" | "some" | "behind";
  send<E extends keyof ServerEvents>(event: E, ...data: Parameters<ServerEvents[E]>): void;
  cut(reason: CutReason): void;
}

/** Sends one message, encoded once, to all members but some. */
export type Broadcast = <E extends keyof ServerEvents>(
  event: E,
  data: Parameters<ServerEvents[E]>[0],
  except: readonly string[],
) => void;

interface Seat {
  member: Member;
  skipped: number;
  /** Missed something: only a snapshot makes its counts true again. */
  stale: boolean;
  behindSince: number | undefined;
}

export interface Audience {
  readonly size: number;
  join(member: Member, snapshot: LiveSnapshot | undefined, trouble: ApiError | undefined): void;
  leave(id: string): void;
  snapshot(snapshot: LiveSnapshot): void;
  /** @param now makes the snapshot that a browser needs which has caught up; it includes the frame. */
  frame(frame: LiveFrame, now: () => LiveSnapshot): void;
  trouble(error: ApiError): void;
}

/**
 * The browsers of one room.
 *
 *     frame ──▶ behind?  yes ─▶ skip it, count it; cut after 30 s of that
 *                 │ no
 *                 ├─ stale and clear ─▶ snapshot + empty frame that says how many were skipped
 *                 └─ else ─▶ the broadcast
 *
 * Invariant: a browser has either every frame since its snapshot, or it is stale.
 */
export function createAudience(
  clock: Clock,
  stalledMs: number,
  metrics: Metrics,
  broadcast: Broadcast,
): Audience {
  const seats = new Map<string, Seat>();

  /** Skips for a browser that is behind; true when it got nothing. */
  function skip(seat: Seat): boolean {
    const backlog = seat.member.backlog();
    if (backlog === "clear") seat.behindSince = undefined;
    if (backlog !== "behind" && (!seat.stale || backlog === "clear")) return false;
    const now = clock.now();
    seat.behindSince ??= now;
    seat.stale = true;
    if (now - seat.behindSince >= stalledMs) {
      seats.delete(seat.member.id);
      seat.member.cut("stalled");
    }
    return true;
  }

  return {
    get size() {
      return seats.size;
    },
    join(member, snapshot, trouble) {
      seats.set(member.id, { member, skipped: 0, stale: false, behindSince: undefined });
      if (snapshot !== undefined) member.send("snapshot", snapshot);
      else if (trouble !== undefined) member.send("trouble", trouble);
    },
    leave: (id) => void seats.delete(id),
    snapshot(snapshot) {
      const except: string[] = [];
      for (const seat of seats.values()) {
        if (skip(seat)) except.push(seat.member.id);
        else seat.stale = false;
      }
      broadcast("snapshot", snapshot, except);
    },
    frame(frame, now) {
      const except: string[] = [];
      let picture: LiveSnapshot | undefined;
      for (const seat of seats.values()) {
        if (skip(seat)) {
          seat.skipped += 1;
          metrics.skipped.inc();
          except.push(seat.member.id);
        } else if (seat.stale) {
          picture ??= now();
          seat.member.send("snapshot", picture);
          seat.member.send("frame", nothingNew(frame, seat.skipped));
          seat.skipped = 0;
          seat.stale = false;
          except.push(seat.member.id);
        }
      }
      broadcast("frame", frame, except);
    },
    trouble(error) {
      const except = [...seats.values()].filter(skip).map((seat) => seat.member.id);
      broadcast("trouble", error, except);
    },
  };
}

function nothingNew({ seq, at }: LiveFrame, skipped: number): LiveFrame {
  return { seq, at, drops: [], flows: [], more: 0, skipped };
}
