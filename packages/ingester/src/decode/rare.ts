import { type DescMessage, type MessageShape, fromBinary, toJson } from "@bufbuild/protobuf";
import {
  IGMPSchema,
  FileInfoSchema,
  KafkaSchema,
  TunnelSchema,
  VRRPSchema,
} from "@dropscope/hubble";
import { type Cursor, Malformed } from "./cursor.js";
import type { Json } from "./rest.js";

const RARE = {
  VRRP: VRRPSchema,
  IGMP: IGMPSchema,
  file: FileInfoSchema,
  tunnel: TunnelSchema,
  kafka: KafkaSchema,
} as const satisfies Record<string, DescMessage>;

/** A message that has no columns, as the JSON that Hubble prints for it. Moves the cursor to `end`. */
export function rareJson(name: string, c: Cursor, end: number): Json {
  const message = parsed(RARE[name as keyof typeof RARE], c.bytes.subarray(c.pos, end));
  c.pos = end;
  return toJson(message.desc, message.value, { useProtoFieldName: true });
}

/** The generic reader throws what it likes: a range error for wrong bytes, a stack overflow for nested groups. */
export function parsed<D extends DescMessage>(
  desc: D,
  bytes: Uint8Array,
): { desc: D; value: MessageShape<D> } {
  try {
    return { desc, value: fromBinary(desc, bytes) };
  } catch (error) {
    const isDeep = error instanceof RangeError && error.message.includes("call stack");
    throw new Malformed(isDeep ? "too-deep" : "truncated");
  }
}
