import { createBudget } from "./budget.js";
import { createFlowReader } from "./flow.js";
import { emptyRecord } from "./record.js";
import { resolvePlain } from "./scalar.js";
import { BLOCK, createScanner, Unusual } from "./scanner.js";
import { MAX_REPEATED, type Offsets, type RepeatedKey, type Tree } from "./tree.js";

const QUOTE = 34;
const APOSTROPHE = 39;
const OPEN_LIST = 91;
const OPEN_MAP = 123;
const FOLD = 62;
const BAR = 124;

/**
 * Reads the YAML that people and tools write: block maps and lists, flow
 * collections (JSON is one), quoted and plain scalars, block scalars. It is
 * about ten times as fast as a full reader. Anything else throws Unusual, and the
 * full reader has to do: anchors, tags, complex keys, and all that is wrong.
 *
 * Undefined: nothing but comments. Throws UnreadableDocument when it costs too much.
 */
export function readPlainYaml(text: string, start: number, end: number): Tree | undefined {
  const scan = createScanner(text, start, end);
  const budget = createBudget(start);
  const offsets: Offsets = new Map();
  const repeated: RepeatedKey[] = [];
  const onKey = (record: object, key: string, offset: number): void => {
    if (key in record && repeated.length < MAX_REPEATED) repeated.push({ key, offset });
  };
  const readFlow = createFlowReader(scan, budget, offsets, onKey);

  /** The value whose first character the cursor is at: the first of a line, or after a `- `. */
  function readBlock(depth: number): unknown {
    const column = scan.column();
    if (scan.isDash()) {
      budget.spend(depth, scan.at);
      return readList(column, depth, false);
    }
    const key = scan.key();
    if (key === undefined) return readInline(column - 1, depth);
    budget.spend(depth, scan.keyAt);
    return readMap(key, column, depth);
  }

  function readMap(first: string, column: number, depth: number): unknown {
    const record = emptyRecord();
    const places = emptyRecord<number>();
    offsets.set(record, places);
    for (let key: string | undefined = first; key !== undefined; key = scan.key()) {
      onKey(record, key, scan.keyAt);
      places[key] = scan.keyAt;
      record[key] = readValue(key, column, depth + 1);
      if (scan.end || scan.column() < column) return record;
      if (scan.column() > column || scan.isDash()) throw new Unusual(scan.at);
    }
    throw new Unusual(scan.at);
  }

  /** What follows `key:`; ends at the next line's first character. */
  function readValue(key: string, column: number, depth: number): unknown {
    if (!scan.restIsBlank()) return readInline(column, depth);
    scan.nextLine();
    if (scan.end) return null;
    const next = scan.column();
    if (next > column) return readBlock(depth);
    // A list may stand at the column of the key that it belongs to.
    if (next < column || !scan.isDash()) return null;
    budget.spend(depth, scan.at);
    return readList(column, depth, depth === 1 && key === "items");
  }

  function readList(column: number, depth: number, ofObjects: boolean): unknown[] {
    const list: unknown[] = [];
    const places: number[] = [];
    offsets.set(list, places);
    while (!scan.end && scan.column() === column && scan.isDash()) {
      const done = ofObjects ? budget.item(scan.at) : undefined;
      const dash = scan.at++;
      let inside = true;
      if (scan.restIsBlank()) {
        scan.nextLine();
        inside = !scan.end && scan.column() > column;
      }
      places.push(inside ? scan.at : dash);
      list.push(inside ? readBlock(depth + 1) : null);
      done?.(scan.at);
    }
    if (!scan.end && scan.column() > column) throw new Unusual(scan.at);
    return list;
  }

  /** A value on the line of its key or dash. Lines deeper than `parent` would continue it. */
  function readInline(parent: number, depth: number): unknown {
    const code = scan.code();
    if (code === OPEN_LIST || code === OPEN_MAP) return closeLine(readFlow(depth), parent);
    budget.spend(depth, scan.at);
    if (code === BAR || code === FOLD) return scan.blockScalar(parent);
    if (code === QUOTE || code === APOSTROPHE) return closeLine(scan.quoted(), parent);
    return closeLine(resolvePlain(scan.plain(BLOCK, parent)), parent);
  }

  function closeLine(value: unknown, parent: number): unknown {
    if (!scan.restIsBlank()) throw new Unusual(scan.at);
    scan.nextLine();
    if (!scan.end && scan.column() > parent) throw new Unusual(scan.at);
    return value;
  }

  scan.firstLine();
  if (scan.end) return undefined;
  const first = scan.at;
  const value = readBlock(0);
  if (!scan.end) throw new Unusual(scan.at);
  budget.spend(0, end);
  return { value, start: first, offsets, repeated };
}
