import { type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import * as fc from "fast-check";

const name = fc.oneof(
  { weight: 5, arbitrary: fc.stringMatching(/^[a-z0-9./=:-]{0,24}$/) },
  {
    weight: 1,
    arbitrary: fc.constantFrom("größe", "漢字", "😀", "a b", '"\\', "${x}", "__proto__"),
  },
);
const hex = (length: number) => fc.stringMatching(new RegExp(`^[0-9a-f]{${length}}$`));
const uuid = fc.oneof(
  { weight: 8, arbitrary: fc.uuid() },
  {
    weight: 1,
    arbitrary: fc.constantFrom("", "not-a-uuid", "6BA7B810-9DAD-11D1-80B4-00C04FD430C8"),
  },
);
const ip = fc.oneof(
  { weight: 4, arbitrary: fc.ipV4() },
  { weight: 4, arbitrary: fc.ipV6() },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      "::",
      "::1",
      "2001:db8::1",
      "2001:DB8::1",
      "2001:db8:0:0::1",
      "::ffff:1.2.3.4",
      "::1.2.3.4",
      "1.2.3.256",
      "01.2.3.4",
      "fe80::1%eth0",
      "nonsense",
      "1:2:3:4:5:6:7::",
      "::ffff:0:1",
      "1.2.3",
    ),
  },
);
const mac = fc.oneof(
  fc.tuple(...Array.from({ length: 6 }, () => hex(2))).map((parts) => parts.join(":")),
  fc.constantFrom("AA:BB:CC:DD:EE:FF", "aa-bb-cc-dd-ee-ff", "aabb.ccdd.eeff", "x"),
);
const uint32 = fc.oneof(
  fc.integer({ min: 0, max: 255 }),
  fc.integer({ min: 0, max: 0xffff }),
  fc.constantFrom(0x1_0000, 0xffff_ffff, 0x8000_0000),
);
// Years 1 to 9999: what the JSON of protobuf can write.
const timestamp = fc.record({
  seconds: fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: 1_600_000_000, max: 1_600_500_000 }).map(BigInt) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        0n,
        -1n,
        -62_135_596_800n,
        9_223_372_036n,
        9_223_372_037n,
        253_402_300_799n,
      ),
    },
  ),
  nanos: fc.oneof(
    fc.constantFrom(0, 1, 120_000_000, 999_999_999),
    fc.integer({ min: 0, max: 999_999_999 }),
  ),
});
const SPECIAL: Record<string, fc.Arbitrary<unknown>> = {
  "flow.Flow.uuid": uuid,
  "flow.IP.source": ip,
  "flow.IP.destination": ip,
  "flow.IP.source_xlated": ip,
  "flow.Ethernet.source": mac,
  "flow.Ethernet.destination": mac,
};

function scalar(type: ScalarType): fc.Arbitrary<unknown> {
  switch (type) {
    case ScalarType.STRING:
      return name;
    case ScalarType.BOOL:
      return fc.boolean();
    case ScalarType.UINT32:
      return uint32;
    case ScalarType.INT32:
      return fc.oneof(fc.integer({ min: -2, max: 255 }), fc.integer());
    case ScalarType.UINT64:
      return fc.oneof(
        fc.bigInt({ min: 0n, max: 1000n }),
        fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      );
    case ScalarType.BYTES:
      return fc.uint8Array({ maxLength: 8 });
    default:
      throw new Error(`no generator for the scalar type ${ScalarType[type]}`);
  }
}

function value(field: DescField): fc.Arbitrary<unknown> {
  const special = SPECIAL[`${field.parent.typeName}.${field.name}`];
  if (special) return special;
  if (field.enum) {
    const known = field.enum.values.map((one) => one.number);
    return fc.oneof(
      { weight: 8, arbitrary: fc.constantFrom(...known) },
      { weight: 1, arbitrary: fc.constantFrom(250, 299, 70_000, -1) },
    );
  }
  if (field.message) return messageInit(field.message);
  if (field.fieldKind === "scalar" || field.fieldKind === "list") return scalar(field.scalar!);
  throw new Error(`no generator for ${field.name}`);
}

/** The init object of any message of a type, every field of it absent at times. */
export function messageInit(desc: DescMessage): fc.Arbitrary<unknown> {
  if (desc.typeName === "google.protobuf.Timestamp") return timestamp;
  if (desc.typeName === "google.protobuf.BoolValue") return fc.boolean();
  if (desc.typeName === "google.protobuf.Int32Value") return fc.integer();
  const parts: Record<string, fc.Arbitrary<unknown>> = {};
  for (const member of desc.members) {
    if (member.kind === "oneof") {
      parts[member.localName] = fc.oneof(
        ...member.fields.map((field) =>
          value(field).map((v) => ({ case: field.localName, value: v })),
        ),
      );
    } else if (member.fieldKind === "list")
      parts[member.localName] = fc.array(value(member), { maxLength: 4 });
    else parts[member.localName] = value(member);
  }
  // "Sometimes all, sometimes few": a flow of 40 coin flips is never a plain one.
  return fc.double({ min: 0.1, max: 0.95, noNaN: true }).chain((density) =>
    fc
      .tuple(
        fc.record(parts),
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), {
          minLength: Object.keys(parts).length,
          maxLength: Object.keys(parts).length,
        }),
      )
      .map(([whole, dice]) =>
        Object.fromEntries(Object.entries(whole).filter((_, i) => dice[i]! < density)),
      ),
  );
}
