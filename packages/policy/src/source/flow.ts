import type { Budget } from "./budget.js";
import { emptyRecord } from "./record.js";
import { keyOf, resolvePlain } from "./scalar.js";
import { FLOW, type Scanner, Unusual } from "./scanner.js";
import type { Offsets } from "./tree.js";

const OPEN_LIST = 91;
const CLOSE_LIST = 93;
const OPEN_MAP = 123;
const CLOSE_MAP = 125;
const COMMA = 44;
const COLON = 58;
const QUOTE = 34;
const APOSTROPHE = 39;

/** Hears of every key before it is kept, with its offset. */
export type KeyListener = (record: object, key: string, offset: number) => void;

/**
 * Reader of flow collections, JSON among them. It begins at the bracket and ends
 * after the closing one.
 */
export function createFlowReader(
  scan: Scanner,
  budget: Budget,
  offsets: Offsets,
  onKey: KeyListener,
): (depth: number) => unknown {
  /** Over blanks, line breaks and comments. */
  function skip(): void {
    while (scan.restIsBlank()) {
      if (scan.end) throw new Unusual(scan.at);
      scan.at = scan.text.indexOf("\n", scan.at) + 1 || scan.text.length;
    }
  }

  function readValue(depth: number, ofObjects: boolean): unknown {
    const code = scan.code();
    if (code === OPEN_LIST) return readList(depth, ofObjects);
    if (code === OPEN_MAP) return readMap(depth);
    budget.spend(depth, scan.at);
    if (code === QUOTE || code === APOSTROPHE) return scan.quoted();
    return resolvePlain(scan.plain(FLOW, 0));
  }

  function readList(depth: number, ofObjects: boolean): unknown[] {
    budget.spend(depth, scan.at);
    const list: unknown[] = [];
    const places: number[] = [];
    offsets.set(list, places);
    scan.at++;
    for (;;) {
      skip();
      if (scan.code() === CLOSE_LIST) break;
      const done = ofObjects ? budget.item(scan.at) : undefined;
      places.push(scan.at);
      list.push(readValue(depth + 1, false));
      done?.(scan.at);
      if (!hasMore(CLOSE_LIST)) break;
    }
    scan.at++;
    return list;
  }

  function readMap(depth: number): unknown {
    budget.spend(depth, scan.at);
    const record = emptyRecord();
    const places = emptyRecord<number>();
    offsets.set(record, places);
    scan.at++;
    for (;;) {
      skip();
      if (scan.code() === CLOSE_MAP) break;
      const at = scan.at;
      const key = readKey();
      onKey(record, key, at);
      places[key] = at;
      skip();
      const empty = scan.code() === COMMA || scan.code() === CLOSE_MAP;
      record[key] = empty ? null : readValue(depth + 1, depth === 0 && key === "items");
      if (!hasMore(CLOSE_MAP)) break;
    }
    scan.at++;
    return record;
  }

  function readKey(): string {
    const code = scan.code();
    const isQuoted = code === QUOTE || code === APOSTROPHE;
    const key = isQuoted ? scan.quoted() : keyOf(scan.plain(FLOW, 0));
    skip();
    if (scan.code() !== COLON || key === "<<") throw new Unusual(scan.at);
    scan.at++;
    return key;
  }

  /** Over the comma; false at the closing bracket, which is left to the caller. */
  function hasMore(close: number): boolean {
    skip();
    const code = scan.code();
    if (code === close) return false;
    if (code !== COMMA) throw new Unusual(scan.at);
    scan.at++;
    return true;
  }

  return (depth) => readValue(depth, false);
}
