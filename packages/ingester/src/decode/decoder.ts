import { hash } from "node:crypto";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { TEXT_CAPS } from "@dropscope/model";
import { AtomTable, type Batch, PRESENT as BITS } from "@dropscope/store";
import { GetFlowsResponseSchema } from "@dropscope/hubble";
import { ByteCache } from "./byte-cache.js";
import { Cursor, Malformed, REPEATED, malformed, repeated } from "./cursor.js";
import { Entries } from "./entries.js";
import { type Envelope, lostEvents, nodeStatus } from "./envelope.js";
import { OpenDays } from "./open-days.js";
import { NAME, PendingRow, U8, presentBits } from "./pending.js";
import { Texts } from "./texts.js";
import { type Timestamp, nsHalves, nsOf, placeTime, readTimestamp } from "./time.js";
import type {
  BatchStamp,
  Decoded,
  DecoderOptions,
  FlowDecoder,
  Ignored,
  OpenBatch,
  PendingFlow,
  Rejected,
  RejectReason,
} from "./types.js";
import { type Caches, walkFlow } from "./walk-flow.js";
import { RowWriter } from "./writer.js";

const PRESENT = presentBits(BITS);

/** Beyond this, and every hour, what was seen before is forgotten and written again when it comes. */
const MAX_KEPT_BYTES = 32 << 20;
const EPOCH_MS = 3_600_000;
const MAX_DAYS = 8;

/** Members of the oneof, and the envelope. */
const TAG = {
  flow: 10,
  nodeStatus: 18,
  lostEvents: 26,
  agentEvent: 34,
  debugEvent: 42,
  nodeName: 8002,
  time: 8010,
} as const;

/** See `FlowDecoder`. New is inert: nothing is read, nothing is opened. */
export function createDecoder(options: DecoderOptions = {}): FlowDecoder {
  return new Decoder(options);
}

class Decoder implements FlowDecoder {
  readonly #capacity: number;
  readonly #maxBatchBytes: number;
  readonly #maxMessageBytes: number;
  readonly #cursor = new Cursor();
  readonly #atoms = new AtomTable();
  readonly #texts = new Texts(this.#cursor, this.#atoms);
  readonly #row = new PendingRow();
  readonly #days = new OpenDays();
  readonly #writer: RowWriter;
  readonly #caches: Caches = {
    entries: new Entries(this.#cursor, this.#texts),
    endpoints: new ByteCache(4096),
    policies: new ByteCache(1024),
    nodeLabels: new ByteCache(256),
  };
  readonly #nodes = new Map<number, string>();
  readonly #flow: Flow;
  readonly open: OpenBatch;
  #pending = false;
  #epochEnd = 0;
  /** What the pending row was decoded from: so many bytes at the start of the cursor's buffer. */
  #length = 0;
  #salt = 0;

  constructor(options: DecoderOptions) {
    this.#capacity = options.capacity ?? 50_000;
    this.#maxBatchBytes = options.maxBatchBytes ?? 64 << 20;
    this.#maxMessageBytes = options.maxMessageBytes ?? 4 << 20;
    this.#writer = new RowWriter(this.#cursor, this.#atoms, this.#texts, options.redact ?? false);
    this.#flow = new Flow(this.#row);
    const [days, writer] = [this.#days, this.#writer];
    this.open = {
      get rows() {
        return writer.flows.rows;
      },
      get bytes() {
        return writer.bytes;
      },
      get days() {
        return days.count;
      },
      get minTimeNs() {
        return days.minNs;
      },
      get maxTimeNs() {
        return days.maxNs;
      },
    };
  }

  decodeResponse(bytes: Uint8Array, salt = 0): Decoded {
    this.#pending = false;
    if (bytes.length > this.#maxMessageBytes) return rejected("too-large");
    try {
      return this.#decode(bytes, salt);
    } catch (error) {
      if (error === REPEATED) return this.#decodeMerged(bytes, salt);
      return rejected(error instanceof Malformed ? error.reason : "internal");
    }
  }

  full(): boolean {
    if (!this.#pending) return false;
    const { rows } = this.#writer.flows;
    return (
      rows >= this.#capacity ||
      (rows > 0 && this.#writer.bytes >= this.#maxBatchBytes) ||
      (this.#days.count === MAX_DAYS && !this.#days.has(this.#row.seconds))
    );
  }

  commit(): void {
    if (!this.#pending) return;
    this.#pending = false;
    this.#days.add(this.#row.seconds, this.#row.nanos);
    this.#writer.write(this.#row);
  }

  discard(): void {
    this.#pending = false;
  }

  finish(stamp: BatchStamp): Batch {
    const flows = this.#writer.flows.rows;
    const { minNs, maxNs } = this.#days;
    const blocks = this.#writer.finish(stamp);
    this.#days.clear();
    this.#age(stamp.nowMs);
    return { id: stamp.id, blocks, flows, minTimeNs: minNs, maxTimeNs: maxNs };
  }

  #decode(bytes: Uint8Array, salt: number): Decoded {
    const c = this.#cursor;
    const end = bytes.length;
    c.load(bytes);
    this.#length = end;
    this.#salt = salt;
    let [member, start, stop, nodeStart, nodeEnd] = [0, 0, 0, 0, 0];
    let [timeStart, timeEnd] = [0, 0];
    while (c.pos < end) {
      const tag = c.tag();
      switch (tag) {
        case TAG.flow:
        case TAG.nodeStatus:
        case TAG.lostEvents:
        case TAG.agentEvent:
        case TAG.debugEvent:
          if (member !== 0) repeated();
          member = tag;
          stop = c.length(end);
          start = c.pos;
          c.pos = stop;
          break;
        case TAG.nodeName:
          nodeEnd = c.length(end);
          nodeStart = c.pos;
          c.pos = nodeEnd;
          break;
        case TAG.time:
          if (timeEnd !== 0) repeated();
          timeEnd = c.length(end);
          timeStart = c.pos;
          c.pos = timeEnd;
          break;
        default: {
          const field = tag >>> 3;
          if (field <= 5 || field === 1000 || field === 1001) malformed("wire-type");
          c.skip(tag, end);
          if (member === 0 && field < 1000) member = -1;
        }
      }
    }
    if (c.pos !== end) malformed("truncated");
    if (member === TAG.flow) {
      c.pos = start;
      this.#walk(stop, nodeStart, nodeEnd);
      if (!(this.#row.present & PRESENT.time) && timeEnd !== 0)
        placeTime(this.#row, this.#timeAt(timeStart, timeEnd));
      return this.#settle(start, stop, salt);
    }
    const envelope = {
      node: this.#nameOf(this.#nodeAtom(nodeStart, nodeEnd)),
      timeNs: timeEnd === 0 ? undefined : nsOf(this.#timeAt(timeStart, timeEnd)),
    };
    c.pos = start;
    return this.#decodeOther(member, stop, envelope);
  }

  /** Walks the flow into the pending row. */
  #walk(end: number, nodeStart: number, nodeEnd: number): void {
    const row = this.#row;
    row.reset();
    walkFlow(this.#cursor, row, end, this.#caches);
    const [start, stop] = [row.names[NAME.node * 2]!, row.names[NAME.node * 2 + 1]!];
    row.node = start === stop ? this.#nodeAtom(nodeStart, nodeEnd) : this.#nodeAtom(start, stop);
  }

  /** Gives the pending row its time and its identity. */
  #settle(start: number, end: number, salt: number): Decoded {
    const row = this.#row;
    nsHalves(row.seconds, row.nanos, row.time);
    this.#flow.node = this.#nameOf(row.node);
    if (!(row.present & PRESENT.uuid)) this.#makeUuid(start, end, salt);
    this.#pending = true;
    return this.#flow;
  }

  #timeAt(start: number, end: number): Timestamp {
    this.#cursor.pos = start;
    return readTimestamp(this.#cursor, end);
  }

  #decodeOther(member: number, end: number, envelope: Envelope): Decoded {
    switch (member) {
      case TAG.lostEvents:
        return lostEvents(this.#cursor, end, envelope);
      case TAG.nodeStatus:
        return nodeStatus(this.#cursor, end, envelope);
      case TAG.agentEvent:
        return IGNORED["agent-event"];
      case TAG.debugEvent:
        return IGNORED["debug-event"];
      default:
        return member === 0 ? IGNORED.empty : IGNORED["unknown-member"];
    }
  }

  /** A message in which a singular field came twice: merged by the generic reader first, as the standard asks. */
  #decodeMerged(bytes: Uint8Array, salt: number): Decoded {
    try {
      const message = fromBinary(GetFlowsResponseSchema, bytes);
      return this.#decode(toBinary(GetFlowsResponseSchema, message), salt);
    } catch (error) {
      if (error instanceof Malformed) return rejected(error.reason);
      const isDeep = error instanceof RangeError && error.message.includes("call stack");
      return rejected(isDeep ? "too-deep" : "truncated");
    }
  }

  #nodeAtom(start: number, end: number): number {
    return start === end ? 0 : this.#texts.atom(start, end, TEXT_CAPS.name);
  }

  #nameOf(node: number): string {
    let name = this.#nodes.get(node);
    if (name === undefined) this.#nodes.set(node, (name = this.#atoms.text(node)));
    return name;
  }

  /** For flows of Hubble before 1.14: the same flow gets the same id whoever reads it. */
  #makeUuid(start: number, end: number, salt: number): void {
    const node = Buffer.from(this.#flow.node);
    const head = Buffer.alloc(node.length + 17);
    head.set(node);
    head.writeUInt32LE(this.#row.time[0]!, node.length + 1);
    head.writeUInt32LE(this.#row.time[1]!, node.length + 5);
    head.writeDoubleLE(salt, node.length + 9);
    const whole = Buffer.concat([head, this.#cursor.bytes.subarray(start, end)]);
    this.#row.uuid.set(hash("sha256", whole, "buffer").subarray(0, 16));
  }

  /** Only here, between two batches, nothing that is open points into what is forgotten. */
  #age(nowMs: number): void {
    const { entries } = this.#caches;
    if (this.#epochEnd === 0) this.#epochEnd = nowMs + EPOCH_MS;
    if (nowMs < this.#epochEnd && entries.bytes + this.#atoms.bytes < MAX_KEPT_BYTES) return;
    this.#epochEnd = nowMs + EPOCH_MS;
    this.#forget();
    // The pending row points into it too: it is read again.
    if (this.#pending) this.#decode(this.#cursor.bytes.slice(0, this.#length), this.#salt);
  }

  #forget(): void {
    this.#caches.entries.clear();
    this.#caches.endpoints.clear();
    this.#caches.policies.clear();
    this.#caches.nodeLabels.clear();
    this.#nodes.clear();
    this.#atoms.clear();
    this.#writer.forget();
  }
}

/** The one result object for flows. */
class Flow implements PendingFlow {
  readonly kind = "flow";
  node = "";
  readonly uuid: Uint8Array;
  readonly uuidWords: Uint32Array;
  readonly #row: PendingRow;

  constructor(row: PendingRow) {
    this.#row = row;
    this.uuid = row.uuid;
    this.uuidWords = row.uuidWords;
  }

  get timeNs(): bigint {
    return (BigInt(this.#row.time[1]!) << 32n) | BigInt(this.#row.time[0]!);
  }

  get timeMs(): number {
    return this.#row.seconds * 1000 + Math.floor(this.#row.nanos / 1e6);
  }

  get timeClamped(): boolean {
    return this.#row.timeClamped;
  }

  get hasUuid(): boolean {
    return (this.#row.present & PRESENT.uuid) !== 0;
  }

  get verdict(): number {
    return this.#row.u8[U8.verdict]!;
  }
}

const IGNORED: Record<Ignored["what"], Ignored> = {
  empty: { kind: "ignored", what: "empty" },
  "agent-event": { kind: "ignored", what: "agent-event" },
  "debug-event": { kind: "ignored", what: "debug-event" },
  "unknown-member": { kind: "ignored", what: "unknown-member" },
};

function rejected(reason: RejectReason): Rejected {
  return { kind: "rejected", reason };
}
