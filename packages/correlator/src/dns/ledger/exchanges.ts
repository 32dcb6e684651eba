import type { DroppedQuery, PassedQuery, Request } from "../read/observation.js";
import type { Ledger } from "./ledger.js";
import { addTime, type Slot } from "./slot.js";

/**
 * Notes when queries were sent and answered. When there are too many to watch, it watches
 * every second, fourth, … socket of all clients alike, chosen by a hash: what is found is then
 * less than what there is, and the share between clients stays right.
 */
export interface Exchanges {
  sent(
    slot: Slot,
    seen: PassedQuery | DroppedQuery | Request,
    how: { readonly logged: boolean; readonly traced: boolean; readonly name: string },
  ): void;
  /** @param key the socket, followed by a blank and the lookup where the proxy logged it */
  answered(slot: Slot, key: string, time: number): void;
  /** Adds a socket to a set of the slot, if it is watched. */
  note(set: Set<string>, socket: string): void;
  /** Slots that are no longer kept. */
  forgotten(slot: Slot): void;
  /** Of how many sockets one is watched. */
  share(): number;
  size(): number;
}

/** @param ledgers all there are, to thin them out */
export function createExchanges(max: number, ledgers: () => Iterable<Ledger>): Exchanges {
  let size = 0;
  let shift = 0;

  const isWatched = (key: string): boolean => {
    if (shift === 0) return true;
    const blank = key.indexOf(" ");
    return (hash(blank < 0 ? key : key.slice(0, blank)) & (2 ** shift - 1)) === 0;
  };

  const thin = (): void => {
    while (size > max && shift < 30) {
      shift++;
      size = 0;
      for (const { slots } of ledgers())
        for (const { attempts, answers, dropped, logged } of slots.values())
          for (const kept of [attempts, answers, dropped, logged]) {
            for (const key of kept.keys()) if (!isWatched(key)) kept.delete(key);
            size += kept.size;
          }
    }
  };

  return {
    sent: (slot, seen, { logged, traced, name }) => {
      const { socket, client, node, server, time, uuid } = seen;
      // A node asks for its pods, through the proxy and the cache; each node sees the others by another name.
      if (socket === "" || client.peer.kind === "entity" || !isWatched(socket)) return;
      const key = name === "" ? socket : `${socket} ${name}`;
      let attempts = slot.attempts.get(key);
      if (attempts === undefined) {
        attempts = {
          serverKey: server.key,
          pod: client.pod,
          node,
          logged,
          track: `${client.pod} ${name}`,
          times: [],
          traced,
          sample: { time, uuid },
        };
        slot.attempts.set(key, attempts);
        size++;
      }
      attempts.traced ||= traced;
      if (time < attempts.sample.time) attempts.sample = { time, uuid };
      addTime(attempts.times, time);
      if (size > max) thin();
    },
    answered: (slot, key, time) => {
      if (key === "" || key.startsWith(" ") || !isWatched(key)) return;
      let times = slot.answers.get(key);
      if (times === undefined) {
        slot.answers.set(key, (times = []));
        size++;
      }
      addTime(times, time);
      if (size > max) thin();
    },
    note: (set, socket) => {
      if (socket === "" || set.has(socket) || !isWatched(socket)) return;
      set.add(socket);
      size++;
      if (size > max) thin();
    },
    forgotten: ({ attempts, answers, dropped, logged }) => {
      size -= attempts.size + answers.size + dropped.size + logged.size;
      // Back to watching more once there is room for twice as much.
      if (shift > 0 && size < max / 4) shift--;
    },
    share: () => 2 ** shift,
    size: () => size,
  };
}

/** FNV-1a. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  // The low bits of FNV alone are not even enough for sockets that differ in one digit.
  return (value ^ (value >>> 15)) >>> 0;
}
