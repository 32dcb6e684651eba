import { TEXT_CAPS, cleanText } from "@dropscope/model";
import {
  type AtomTable,
  BlockBuilder,
  FLOW_COLUMNS,
  PRESENT as BITS,
  type TableBlock,
} from "@dropscope/store";
import { type FlowBlock, ROW_BYTES, endpointColumns, slotColumns } from "./columns.js";
import type { Cursor } from "./cursor.js";
import type { EndpointEntry } from "./entries.js";
import {
  ADDRESS,
  NAME,
  type PendingRow,
  type Spans,
  TEXT,
  U32,
  U8,
  presentBits,
} from "./pending.js";
import { headerFilter, redactSummary, redactUrl } from "./redact.js";
import { SideTables } from "./side-tables.js";
import type { Texts } from "./texts.js";
import type { BatchStamp, RedactOptions } from "./types.js";

const PRESENT = presentBits(BITS);
/** Value of the column `l7_protocol`. */
const HTTP = 2;
/** DROPPED, ERROR, AUDIT. */
const KEPT_LONG = new Set([2, 3, 4]);
/** A list of texts is kept up to this many bytes in one row; one that is cut ends in "…". */
const MAX_LIST = 6144;
const MAX_POLICIES = 64;
/** Texts are cut here before they are looked through for secrets. */
const MAX_REDACTED = 8192;

const TEXT_LIMITS = [TEXT_CAPS.name, TEXT_CAPS.url, TEXT_CAPS.name, TEXT_CAPS.text];
const LIST_LIMITS = [TEXT_CAPS.name, TEXT_CAPS.name, TEXT_CAPS.text];

/** Puts pending rows into the open batch. */
export class RowWriter {
  readonly flows: FlowBlock;
  readonly #side: SideTables;
  readonly #texts: Texts;
  readonly #cursor: Cursor;
  readonly #slots: ReturnType<typeof slotColumns>;
  readonly #source: ReturnType<typeof endpointColumns>;
  readonly #destination: ReturnType<typeof endpointColumns>;
  readonly #redact: boolean;
  readonly #mayKeep: (header: string) => boolean;
  readonly #atoms: AtomTable;
  /** Bytes of the atoms that were there before the open batch. */
  #atomsBefore = 0;
  #bytes = 0;

  constructor(cursor: Cursor, atoms: AtomTable, texts: Texts, redact: RedactOptions | false) {
    this.flows = new BlockBuilder(FLOW_COLUMNS, atoms);
    this.#side = new SideTables(atoms);
    this.#atoms = atoms;
    this.#texts = texts;
    this.#cursor = cursor;
    this.#slots = slotColumns(this.flows.columns);
    this.#source = endpointColumns(this.flows.columns, "src");
    this.#destination = endpointColumns(this.flows.columns, "dst");
    this.#redact = redact !== false;
    this.#mayKeep = redact === false ? () => true : headerFilter(redact);
  }

  /** Bytes of the open batch, about. */
  get bytes(): number {
    const names = this.#atoms.bytes - this.#atomsBefore;
    return this.flows.rows * ROW_BYTES + this.#bytes + this.#side.bytes + names;
  }

  /** The atoms were cleared. */
  forget(): void {
    this.#atomsBefore = 0;
  }

  write(row: PendingRow): void {
    const { columns } = this.flows;
    const at = this.flows.addRow();
    columns.time.set(at, row.time[0]!, row.time[1]!);
    columns.uuid.setWords(at, row.uuidWords, 0);
    columns.present.set(at, row.present, 0);
    columns.flow_count.set(at, flowCount(row));
    if (KEPT_LONG.has(row.u8[U8.verdict]!)) columns.kept_long.set(at, 1);
    this.#numbers(row, at);
    if (row.present & PRESENT.ip) this.#addresses(row, at);
    if (row.source) this.#endpoint(this.#source, row.source, at);
    if (row.destination) this.#endpoint(this.#destination, row.destination, at);
    if (row.nodeLabels)
      columns.node_labels.set(at, row.nodeLabels.low, this.#side.useLabels(row.nodeLabels).high);
    this.#names(row, at);
    this.#lists(row, at);
    this.#policies(row, at);
    if (row.u8[U8.l7_protocol] === HTTP) this.#headers(row, at);
    this.#httpTexts(row, at);
    this.#text(row, at, TEXT.dns_query);
    this.#text(row, at, TEXT.trace_id);
    this.#rest(row, at);
  }

  /** The blocks of the batch, without the empty ones; the batch is empty after it. */
  finish(stamp: BatchStamp): TableBlock[] {
    const { columns, rows } = this.flows;
    const blocks = this.#side.finish(stamp);
    this.#bytes = 0;
    this.#atomsBefore = this.#atoms.bytes;
    if (rows === 0) return blocks;
    columns.batch.fill(rows, stamp.id);
    columns.stored_on.fill(rows, stamp.storedOn);
    return [...blocks, this.flows.finish("flows")];
  }

  #addresses(row: PendingRow, at: number): void {
    const { columns } = this.flows;
    const words = row.addressWords;
    columns.src_ip.setWords(at, words, ADDRESS.src_ip / 4);
    columns.dst_ip.setWords(at, words, ADDRESS.dst_ip / 4);
    const xlated = ADDRESS.src_ip_xlated / 4;
    if ((words[xlated + 2]! | words[xlated + 3]! | words[xlated]! | words[xlated + 1]!) !== 0)
      columns.src_ip_xlated.setWords(at, words, xlated);
  }

  #numbers(row: PendingRow, at: number): void {
    const { u8, u16, u32, u64 } = this.#slots;
    for (let i = 0; i < u8.length; i++) if (row.u8[i] !== 0) u8[i]!.set(at, row.u8[i]!);
    for (let i = 0; i < u16.length; i++) if (row.u16[i] !== 0) u16[i]!.set(at, row.u16[i]!);
    for (let i = 0; i < u32.length; i++) if (row.u32[i] !== 0) u32[i]!.set(at, row.u32[i]!);
    for (let i = 0; i < u64.length; i++) {
      const low = row.u64[i * 2]!;
      const high = row.u64[i * 2 + 1]!;
      if (low !== 0 || high !== 0) u64[i]!.set(at, low, high);
    }
  }

  #endpoint(columns: ReturnType<typeof endpointColumns>, entry: EndpointEntry, at: number): void {
    if (entry.id !== 0) columns.endpoint.set(at, entry.id);
    if (entry.identity !== 0) columns.identity.set(at, entry.identity);
    columns.cluster.set(at, entry.cluster);
    columns.namespace.set(at, entry.namespace);
    columns.pod.set(at, entry.pod);
    columns.workload.set(at, entry.workload);
    columns.workloadKind.set(at, entry.workloadKind);
    if (entry.labels)
      columns.labels.set(at, entry.labels.low, this.#side.useLabels(entry.labels).high);
  }

  #names(row: PendingRow, at: number): void {
    const { names } = this.#slots;
    names[NAME.node]!.set(at, row.node);
    for (let i = NAME.node + 1; i < names.length; i++) {
      const end = row.names[i * 2 + 1]!;
      if (end > row.names[i * 2]!)
        names[i]!.set(at, this.#texts.atom(row.names[i * 2]!, end, TEXT_CAPS.name));
    }
  }

  #lists(row: PendingRow, at: number): void {
    const { nameLists, textLists } = this.#slots;
    for (let i = 0; i < nameLists.length; i++) {
      const spans = row.nameLists[i]!;
      if (spans.length === 0) continue;
      const kept = this.#room(spans, TEXT_CAPS.name);
      for (let s = 0; s < kept; s += 2)
        nameLists[i]!.push(at, this.#texts.atom(spans[s]!, spans[s + 1]!, TEXT_CAPS.name));
      if (kept < spans.length) nameLists[i]!.push(at, this.#texts.atomOf("…"));
    }
    for (let i = 0; i < textLists.length; i++) {
      const spans = row.textLists[i]!;
      if (spans.length === 0) continue;
      const kept = this.#room(spans, LIST_LIMITS[i]!);
      for (let s = 0; s < kept; s += 2) this.#push(textLists[i]!, at, spans, s, LIST_LIMITS[i]!);
      if (kept < spans.length) textLists[i]!.pushText(at, "…");
    }
  }

  #push(
    column: (typeof this.flows.columns)["dns_ips"],
    at: number,
    spans: Spans,
    s: number,
    cap: number,
  ): void {
    const [start, end] = [spans[s]!, spans[s + 1]!];
    if (this.#texts.isPlain(start, end, cap)) column.push(at, this.#cursor.bytes, start, end);
    else column.pushText(at, this.#texts.clean(start, end, cap));
  }

  /** How many numbers of a span list fit into a row; counts their bytes. */
  #room(spans: Spans, cap: number): number {
    let bytes = 0;
    for (let s = 0; s < spans.length; s += 2) bytes += spans[s + 1]! - spans[s]! + 2;
    // An escape is six times as long as what it shows.
    if (bytes * 6 <= MAX_LIST) {
      this.#bytes += bytes;
      return spans.length;
    }
    bytes = 0;
    for (let s = 0; s < spans.length; s += 2) {
      const more = this.#size(spans[s]!, spans[s + 1]!, cap) + 2;
      if (bytes + more > MAX_LIST) return s;
      bytes += more;
      this.#bytes += more;
    }
    return spans.length;
  }

  /** Bytes of a text as it is stored. */
  #size(start: number, end: number, cap: number): number {
    return this.#texts.isPlain(start, end, cap)
      ? end - start
      : Buffer.byteLength(this.#texts.clean(start, end, cap));
  }

  #policies(row: PendingRow, at: number): void {
    for (let i = 0; i < this.#slots.policies.length; i++) {
      const refs = row.policies[i]!;
      const kept = Math.min(refs.length, MAX_POLICIES);
      for (let r = 0; r < kept; r++) {
        this.#side.usePolicy(refs[r]!);
        this.#slots.policies[i]!.push(at, refs[r]!.low, refs[r]!.high);
      }
      this.#bytes += kept * 8;
    }
  }

  #text(row: PendingRow, at: number, slot: number): void {
    const start = row.texts[slot * 2]!;
    const end = row.texts[slot * 2 + 1]!;
    if (start === end) return;
    const column = this.#slots.texts[slot]!;
    const cap = TEXT_LIMITS[slot]!;
    this.#bytes += Math.min(end - start, cap);
    if (this.#texts.isPlain(start, end, cap)) column.set(at, this.#cursor.bytes, start, end);
    else column.setText(at, this.#texts.clean(start, end, cap));
  }

  /** URL and summary: what may hold secrets. A field mask may leave the summary without its `l7`. */
  #httpTexts(row: PendingRow, at: number): void {
    const hasUrl = row.texts[TEXT.http_url * 2 + 1]! > row.texts[TEXT.http_url * 2]!;
    if (!this.#redact || !(hasUrl || this.#hasPath(row, TEXT.summary))) {
      this.#text(row, at, TEXT.http_url);
      this.#text(row, at, TEXT.summary);
      return;
    }
    const { columns } = this.flows;
    const url = this.#raw(row, TEXT.http_url);
    const kept = redactUrl(url);
    if (kept !== "") columns.http_url.setText(at, cleanText(kept, TEXT_CAPS.url));
    // The summary repeats the URL: replaced as a whole, it cannot be taken apart in another way.
    const told = this.#raw(row, TEXT.summary);
    const summary = redactSummary(url === kept ? told : told.replaceAll(url, kept));
    if (summary !== "") columns.summary.setText(at, cleanText(summary, TEXT_CAPS.text));
    this.#bytes += kept.length + summary.length;
  }

  /** Whether the text has anything of a URL: without these signs there is nothing to redact. */
  #hasPath(row: PendingRow, slot: number): boolean {
    const { bytes } = this.#cursor;
    const end = row.texts[slot * 2 + 1]!;
    for (let i = row.texts[slot * 2]!; i < end; i++) {
      const byte = bytes[i]!;
      if (byte === 0x2f || byte === 0x3f || byte === 0x40) return true;
    }
    return false;
  }

  #headers(row: PendingRow, at: number): void {
    const { http_header_names: names, http_header_values: values } = this.flows.columns;
    const spans = row.headers;
    let room = MAX_LIST;
    for (let s = 0; s < spans.length; s += 4) {
      const [nameStart, nameEnd] = [spans[s]!, spans[s + 1]!];
      if (this.#redact && !this.#mayKeep(this.#texts.clean(nameStart, nameEnd, TEXT_CAPS.name)))
        continue;
      room -= this.#size(nameStart, nameEnd, TEXT_CAPS.name) + 4;
      room -= this.#size(spans[s + 2]!, spans[s + 3]!, TEXT_CAPS.text);
      if (room < 0) {
        names.push(at, this.#texts.atomOf("…"));
        values.pushText(at, "");
        break;
      }
      names.push(at, this.#texts.atom(nameStart, nameEnd, TEXT_CAPS.name));
      this.#push(values, at, spans, s + 2, TEXT_CAPS.text);
    }
    this.#bytes += MAX_LIST - room;
  }

  /** A text as it came, cut where nothing can show any more. */
  #raw(row: PendingRow, slot: number): string {
    const start = row.texts[slot * 2]!;
    const end = row.texts[slot * 2 + 1]!;
    if (end - start <= MAX_REDACTED) return this.#texts.clean(start, end, MAX_REDACTED);
    // Half a secret would not be known for one: the last part goes.
    return this.#texts.clean(start, start + MAX_REDACTED, MAX_REDACTED).replace(/[^/\s]*$/, "…");
  }

  #rest(row: PendingRow, at: number): void {
    if (row.rest.isEmpty) return;
    if (this.#redact) row.rest.forgetUnknown("l7.");
    const text = row.rest.text();
    this.#bytes += text.length;
    if (text !== "") this.flows.columns.rest.setText(at, text);
  }
}

function flowCount(row: PendingRow): number {
  const sum = row.u32[U32.agg_ingress]! + row.u32[U32.agg_egress]! + row.u32[U32.agg_unknown]!;
  return Math.min(Math.max(sum, 1), 0xffff_ffff);
}
