/** Absolute positions of the changing bytes of one frame. */
export interface Patch {
  /** First character of the flow's uuid. */
  uuid: number;
  /** First byte of each Timestamp's content: tag, 5 bytes seconds, tag, 5 bytes nanos. */
  times: [number, number];
}

const WIRE_VARINT = 0;
const WIRE_LENGTH = 2;

// Numbers of GetFlowsResponse.flow, .time; Flow.time, .uuid.
const FLOW = 1;
const ENVELOPE_TIME = 1001;
const FLOW_TIME = 1;
const FLOW_UUID = 34;

/** Finds the uuid and both times of an encoded GetFlowsResponse. */
export function findPatches(bytes: Uint8Array, start: number, length: number): Patch {
  let uuid = -1;
  let flowTime = -1;
  let envelopeTime = -1;
  walk(bytes, start, start + length, (field, at, end) => {
    if (field === ENVELOPE_TIME) envelopeTime = at;
    if (field !== FLOW) return;
    walk(bytes, at, end, (inner, innerAt) => {
      if (inner === FLOW_TIME) flowTime = innerAt;
      if (inner === FLOW_UUID) uuid = innerAt;
    });
  });
  if (uuid < 0 || flowTime < 0 || envelopeTime < 0) {
    throw new RangeError("a load frame needs a uuid and both times");
  }
  return { uuid, times: [flowTime, envelopeTime] };
}

/** Calls back for each length-delimited field. */
function walk(
  bytes: Uint8Array,
  start: number,
  end: number,
  found: (field: number, at: number, end: number) => void,
): void {
  let at = start;
  const varint = (): number => {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = bytes[at++] ?? 0;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 128;
    }
  };
  while (at < end) {
    const tag = varint();
    const wire = tag & 7;
    if (wire === WIRE_VARINT) {
      varint();
    } else if (wire === WIRE_LENGTH) {
      const length = varint();
      found(Math.floor(tag / 8), at, at + length);
      at += length;
    } else {
      at += wire === 1 ? 8 : 4;
    }
  }
}

/**
 * Writes a Timestamp over one of the same width. Seconds take 5 bytes naturally; nanos
 * are padded to 5, which every protobuf reader accepts.
 */
export function writeTime(bytes: Uint8Array, at: number, seconds: number, nanos: number): void {
  writeVarint5(bytes, at + 1, seconds);
  writeVarint5(bytes, at + 7, nanos);
}

function writeVarint5(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = (value & 0x7f) | 0x80;
  bytes[at + 1] = ((value >>> 7) & 0x7f) | 0x80;
  bytes[at + 2] = ((value >>> 14) & 0x7f) | 0x80;
  bytes[at + 3] = ((value >>> 21) & 0x7f) | 0x80;
  bytes[at + 4] = (value >>> 28) & 0x0f;
}

const HEX = Buffer.from("0123456789abcdef", "latin1");

/** Overwrites the last 12 digits of a uuid with a counter: the ids stay valid and count up. */
export function writeCounter(bytes: Uint8Array, uuidAt: number, counter: number): void {
  let low = counter % 16_777_216;
  let high = Math.floor(counter / 16_777_216);
  for (let i = 35; i >= 30; i--) {
    bytes[uuidAt + i] = HEX[low & 15] as number;
    low >>>= 4;
  }
  for (let i = 29; i >= 24; i--) {
    bytes[uuidAt + i] = HEX[high & 15] as number;
    high >>>= 4;
  }
}
