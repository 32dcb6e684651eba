import { hash } from "node:crypto";
import { TEXT_CAPS } from "@dropscope/model";
import { type Cursor, malformed, repeated } from "./cursor.js";
import { Rest } from "./rest.js";
import type { Texts } from "./texts.js";

/** Labels that are stored once, in `identities`. */
export interface LabelSet {
  /** Halves of the key. */
  readonly low: number;
  readonly high: number;
  readonly cluster: string;
  readonly identity: number;
  readonly labels: readonly string[];
  /** Its row is in an earlier batch, or in the open one. */
  written: boolean;
}

/** What an Endpoint message holds, ready for the columns. Names are atoms. */
export interface EndpointEntry {
  readonly id: number;
  readonly identity: number;
  readonly cluster: number;
  readonly namespace: number;
  readonly pod: number;
  readonly hasWorkload: boolean;
  readonly workload: number;
  readonly workloadKind: number;
  readonly labels: LabelSet | undefined;
  readonly rest: Rest | undefined;
}

/** A policy reference that is stored once, in `policy_refs`. */
export interface PolicyEntry {
  readonly low: number;
  readonly high: number;
  readonly name: string;
  readonly namespace: string;
  readonly kind: string;
  readonly revision: bigint;
  readonly labels: readonly string[];
  readonly rest: Rest | undefined;
  /** Shared by all entries with the same key. */
  readonly mark: { written: boolean };
}

/** Of a known key without its labels, about. */
const KEY_BYTES = 200;

/** Texts of a list are kept up to this many characters; a list that is cut ends in "…". */
export const MAX_LABELS = 16_384;

/** Makes cache entries from messages seen for the first time, and knows equal label sets and policies by their key. */
export class Entries {
  readonly #cursor: Cursor;
  readonly #texts: Texts;
  readonly #labelSets = new Map<string, LabelSet>();
  readonly #policies = new Map<string, { written: boolean }>();

  constructor(cursor: Cursor, texts: Texts) {
    this.#cursor = cursor;
    this.#texts = texts;
  }

  /** What the known keys and their labels take, about. */
  bytes = 0;

  /** Every key is written again when it is next seen. */
  clear(): void {
    this.#labelSets.clear();
    this.#policies.clear();
    this.bytes = 0;
  }

  readonly endpoint = (start: number, end: number): EndpointEntry => {
    const c = this.#cursor;
    const labels: string[] = [];
    const workloads: { name: string; kind: string }[] = [];
    const rest = new Rest();
    let [seen, id, identity, namespace, pod, cluster] = [0, 0, 0, 0, 0, 0];
    let clusterName = "";
    c.pos = start;
    while (c.pos < end) {
      const from = c.pos;
      const tag = c.tag();
      if (tag !== 34 && tag !== 50 && tag < 64) {
        if (seen & (1 << (tag >>> 3))) repeated();
        seen |= 1 << (tag >>> 3);
      }
      if (tag === 8) id = c.varint();
      else if (tag === 16) identity = c.varint();
      else if (tag === 26) namespace = this.#atom(end);
      else if (tag === 34) labels.push(this.#text(end, TEXT_CAPS.label));
      else if (tag === 42) pod = this.#atom(end);
      else if (tag === 50) workloads.push(this.#workload(end, rest, workloads.length));
      else if (tag === 58) {
        const until = c.length(end);
        cluster = this.#texts.atom(c.pos, until, TEXT_CAPS.name);
        clusterName = this.#texts.clean(c.pos, until, TEXT_CAPS.name);
        c.pos = until;
      } else stray(c, tag, from, end, 7, rest, "");
    }
    if (c.pos !== end) malformed("truncated");
    // The first workload has columns; only a pod with several needs the list.
    if (workloads.length > 1) rest.set("workloads", workloads.map(withoutEmpty));
    const first = workloads[0];
    return {
      id,
      identity,
      cluster,
      namespace,
      pod,
      hasWorkload: first !== undefined,
      workload: first ? this.#atomOf(first.name) : 0,
      workloadKind: first ? this.#atomOf(first.kind) : 0,
      labels: this.#labelSet(clusterName, identity, labels),
      rest: rest.isEmpty ? undefined : rest,
    };
  };

  /** A run of `node_labels` fields, with their tags. */
  readonly nodeLabels = (start: number, end: number): LabelSet => {
    const c = this.#cursor;
    const labels: string[] = [];
    c.pos = start;
    while (c.pos < end) {
      c.tag();
      labels.push(this.#text(end, TEXT_CAPS.label));
    }
    return this.#labelSet("", 0, labels)!;
  };

  readonly policy = (start: number, end: number): PolicyEntry => {
    const c = this.#cursor;
    const labels: string[] = [];
    const rest = new Rest();
    let [seen, low, high] = [0, 0, 0];
    let [name, namespace, kind] = ["", "", ""];
    c.pos = start;
    while (c.pos < end) {
      const from = c.pos;
      const tag = c.tag();
      if (tag !== 26 && tag < 48) {
        if (seen & (1 << (tag >>> 3))) repeated();
        seen |= 1 << (tag >>> 3);
      }
      if (tag === 10) name = this.#text(end, TEXT_CAPS.name);
      else if (tag === 18) namespace = this.#text(end, TEXT_CAPS.name);
      else if (tag === 26) labels.push(this.#text(end, TEXT_CAPS.label));
      else if (tag === 32) {
        c.varint64();
        low = c.low;
        high = c.high;
      } else if (tag === 42) kind = this.#text(end, TEXT_CAPS.name);
      else stray(c, tag, from, end, 5, rest, "");
    }
    if (c.pos !== end) malformed("truncated");
    const kept = bounded(labels);
    const revision = (BigInt(high) << 32n) | BigInt(low);
    const key = keyOf([name, namespace, kind, String(revision), ...kept]);
    let mark = this.#policies.get(key.text);
    if (!mark) {
      this.#policies.set(key.text, (mark = { written: false }));
      this.bytes += KEY_BYTES;
    }
    const { low: keyLow, high: keyHigh } = key;
    return {
      low: keyLow,
      high: keyHigh,
      name,
      namespace,
      kind,
      revision,
      labels: kept,
      rest: rest.isEmpty ? undefined : rest,
      mark,
    };
  };

  #labelSet(cluster: string, identity: number, labels: string[]): LabelSet | undefined {
    if (labels.length === 0) return undefined;
    const kept = bounded(labels);
    const { text, low, high } = keyOf([cluster, ...kept]);
    const known = this.#labelSets.get(text);
    if (known) return known;
    const set = { low, high, cluster, identity, labels: kept, written: false };
    this.#labelSets.set(text, set);
    this.bytes += kept.reduce((sum, label) => sum + label.length, KEY_BYTES);
    return set;
  }

  #workload(end: number, rest: Rest, index: number): { name: string; kind: string } {
    const c = this.#cursor;
    const until = c.length(end);
    const workload = { name: "", kind: "" };
    let seen = 0;
    while (c.pos < until) {
      const from = c.pos;
      const tag = c.tag();
      if (tag !== 10 && tag !== 18) {
        stray(c, tag, from, until, 2, rest, `workloads.${index}.`);
        continue;
      }
      if (seen & tag & 24) repeated();
      seen |= tag & 24;
      workload[tag === 10 ? "name" : "kind"] = this.#text(until, TEXT_CAPS.name);
    }
    if (c.pos !== until) malformed("truncated");
    return workload;
  }

  #text(end: number, cap: number): string {
    const c = this.#cursor;
    const until = c.length(end);
    const text = this.#texts.clean(c.pos, until, cap);
    c.pos = until;
    return text;
  }

  #atom(end: number): number {
    const c = this.#cursor;
    const until = c.length(end);
    const atom = this.#texts.atom(c.pos, until, TEXT_CAPS.name);
    c.pos = until;
    return atom;
  }

  #atomOf(text: string): number {
    return this.#texts.atomOf(text);
  }
}

/** A field that is not expected: unknown ones are kept, known ones with a wrong wire type are an error. */
export function stray(
  c: Cursor,
  tag: number,
  from: number,
  end: number,
  known: number,
  rest: Rest,
  path: string,
): void {
  const field = tag >>> 3;
  if (field <= known) malformed("wire-type");
  c.skip(tag, end);
  rest.addUnknown(`${path}${field}`, c.bytes.slice(from, c.pos));
}

/** First 8 bytes of a SHA-256, never 0. Clean texts have no line feed, so the join is unambiguous. */
function keyOf(parts: readonly string[]): { text: string; low: number; high: number } {
  const digest = hash("sha256", parts.join("\n"), "buffer");
  const low = digest.readUInt32BE(4);
  const high = digest.readUInt32BE(0);
  const nonZero = low === 0 && high === 0 ? 1 : low;
  return { text: `${high}:${nonZero}`, low: nonZero, high };
}

function bounded(labels: readonly string[]): readonly string[] {
  let room = MAX_LABELS;
  const kept = labels.filter((label) => (room -= label.length + 1) >= 0);
  return kept.length === labels.length ? labels : [...kept, "…"];
}

function withoutEmpty(workload: { name: string; kind: string }): { [name: string]: string } {
  return Object.fromEntries(Object.entries(workload).filter(([, text]) => text !== ""));
}
