import { create, toBinary } from "@bufbuild/protobuf";
import * as fc from "fast-check";
import protobuf from "google-protobuf";
import { describe, expect, it } from "vitest";
import { messageInit } from "../../../../test/kit/flow-arbitrary.js";
import { FlowSchema } from "@dropscope/hubble";
import { Cursor, Malformed } from "./cursor.js";

interface Field {
  number: number;
  wireType: number;
  /** Where the value stands, without its tag, [start, end). */
  start: number;
  end: number;
  /** Of a number that is stored as a varint. */
  value?: string;
}

/** The fields of a message as our cursor sees them; undefined when it refuses the message. */
function ours(bytes: Uint8Array): Field[] | undefined {
  const cursor = new Cursor();
  const fields: Field[] = [];
  try {
    cursor.load(bytes);
    while (cursor.pos < bytes.length) {
      const tag = cursor.tag();
      const start = cursor.pos;
      cursor.skip(tag, bytes.length);
      const field: Field = { number: tag >>> 3, wireType: tag & 7, start, end: cursor.pos };
      if (field.wireType === 0) {
        cursor.pos = start;
        cursor.varint64();
        expect(cursor.pos).toBe(field.end);
        field.value = String((BigInt(cursor.high) << 32n) | BigInt(cursor.low));
      }
      fields.push(field);
    }
    return fields;
  } catch (error) {
    if (error instanceof Malformed) return undefined;
    throw error;
  }
}

/** The same by Google's reader, which shares no line with ours. */
function reference(bytes: Uint8Array): Field[] | undefined {
  const fields: Field[] = [];
  try {
    const reader = new protobuf.BinaryReader(bytes);
    while (reader.nextField()) {
      const start = reader.getCursor();
      const wireType: number = reader.getWireType();
      const number = reader.getFieldNumber();
      const value = wireType === 0 ? { value: reader.readUint64String() } : {};
      if (wireType !== 0) reader.skipField();
      fields.push({ number, wireType, start, end: reader.getCursor(), ...value });
    }
    return fields;
  } catch {
    return undefined;
  }
}

const flow = messageInit(FlowSchema).map((init) =>
  toBinary(FlowSchema, create(FlowSchema, init as never)),
);

type Mutation = (bytes: number[]) => void;
const place = fc.nat({ max: 1 << 20 });
const byte = fc.oneof(fc.nat({ max: 255 }), fc.constantFrom(0, 1, 2, 8, 0x7f, 0x80, 0xff));
const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.tuple(place, byte).map(([at, to]): Mutation => (bytes) => {
    bytes[at % bytes.length] = to;
  }),
  fc.tuple(place, fc.array(byte, { maxLength: 12 })).map(([at, more]): Mutation => (bytes) => {
    bytes.splice(at % bytes.length, 0, ...more);
  }),
  fc.tuple(place, fc.nat({ max: 12 })).map(([at, count]): Mutation => (bytes) => {
    bytes.splice(at % bytes.length, count);
  }),
  place.map(
    (at): Mutation =>
      (bytes) =>
        void bytes.splice(at % bytes.length),
  ),
);

function mutated(bytes: Uint8Array, mutations: readonly Mutation[]): Uint8Array {
  const copy = [...bytes];
  for (const mutate of mutations) if (copy.length > 0) mutate(copy);
  return Uint8Array.from(copy);
}

describe("the cursor against Google's reader", () => {
  it("sees the fields of any valid flow", () => {
    fc.assert(
      fc.property(flow, (bytes) => {
        const fields = ours(bytes);
        expect(fields).toBeDefined();
        expect(fields).toEqual(reference(bytes));
      }),
      { numRuns: 150 },
    );
  });

  it("sees the same fields in every damaged flow that both accept", () => {
    const seen = { both: 0, other: 0 };
    const mutations = fc.array(mutation, { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(flow, fc.array(mutations, { minLength: 6, maxLength: 6 }), (bytes, variants) => {
        for (const variant of variants) {
          const damaged = mutated(bytes, variant);
          const found = ours(damaged);
          const expected = reference(damaged);
          if (found !== undefined && expected !== undefined) {
            seen.both++;
            expect(found).toEqual(expected);
          } else seen.other++;
        }
      }),
      { numRuns: 200 },
    );
    expect(Math.min(seen.both, seen.other)).toBeGreaterThan(100);
  });
});
