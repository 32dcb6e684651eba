import { ScalarType, type DescField, type DescMessage } from "@bufbuild/protobuf";
import { FeatureSet_FieldPresence } from "@bufbuild/protobuf/wkt";
import { GetFlowsResponseSchema } from "../messages.js";
import { parseTimestamp } from "./timestamp.js";
import { createWire } from "./wire.js";

/** What the JSON held that this build has no place for; the flows around it are kept. */
export interface Unknowns {
  /** Path of a field that this build does not know, and how often it came. */
  readonly fields: Map<string, number>;
  /** `Enum.NAME` that this build does not know, and how often it came. */
  readonly enums: Map<string, number>;
}

/** Distinct names kept in `Unknowns`: a hostile file must not fill the memory. */
const MAX_NAMES = 200;

/** A JSON value whose type does not fit the field. `message` names the field and the value. */
export class WrongType extends Error {
  override readonly name = "WrongType";
}

type Write = (value: unknown) => void;

interface Step {
  readonly number: number;
  readonly write: Write;
}

/** By the names that a field may have in JSON. */
type Plan = Map<string, Step>;

/**
 * Makes the encoder from JSON (as `hubble observe -o json` prints it, or as protobuf's
 * JSON mapping allows) to the wire bytes of `observer.GetFlowsResponse`.
 *
 * Compiled once from the descriptors: @bufbuild/protobuf's own `fromJson` gives the same
 * bytes (a test compares them) but builds a name table per message and takes 8 times as long.
 * Differences: an unknown field or enum name is counted instead of failing, and so is
 * an `Any` whose type is not known here.
 */
export function createEncoder(unknowns: Unknowns): (json: object) => Uint8Array<ArrayBuffer> {
  const wire = createWire();
  const path: string[] = [];
  const plans = new Map<string, Plan>();

  function count(names: Map<string, number>, name: string): void {
    const seen = names.get(name);
    if (seen !== undefined || names.size < MAX_NAMES) names.set(name, (seen ?? 0) + 1);
  }

  function wrong(expected: string, value: unknown): WrongType {
    const shown = JSON.stringify(value) ?? String(value);
    const short = shown.length > 60 ? `${shown.slice(0, 60)}…` : shown;
    return new WrongType(`${path.join(".")}: expected ${expected}, got ${short}`);
  }

  function integer(value: unknown, min: number, max: number, type: string): number {
    const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
    if (typeof number === "number" && Number.isInteger(number) && number >= min && number <= max) {
      return number;
    }
    throw wrong(type, value);
  }

  function long(value: unknown, min: bigint, max: bigint, type: string): bigint {
    let number: bigint | undefined;
    if (typeof value === "number" && Number.isInteger(value)) number = BigInt(value);
    else if (typeof value === "string" && /^-?\d{1,20}$/.test(value)) number = BigInt(value);
    if (number === undefined || number < min || number > max) throw wrong(type, value);
    return number;
  }

  function scalar(field: DescField, type: ScalarType, always: boolean): Write {
    const tag = field.number << 3;
    switch (type) {
      case ScalarType.STRING:
        return (value) => {
          if (typeof value !== "string") throw wrong("a string", value);
          if (always || value !== "") wire.string(tag | 2, value);
        };
      case ScalarType.BOOL:
        return (value) => {
          if (typeof value !== "boolean") throw wrong("true or false", value);
          if (always || value) wire.varint(tag, value ? 1 : 0);
        };
      case ScalarType.UINT32:
        return (value) => {
          const number = integer(value, 0, 0xffff_ffff, "a uint32");
          if (always || number !== 0) wire.varint(tag, number);
        };
      case ScalarType.INT32:
        return (value) => {
          const number = integer(value, -0x8000_0000, 0x7fff_ffff, "an int32");
          if (always || number !== 0) wire.int32(tag, number);
        };
      case ScalarType.UINT64:
        return (value) => {
          const number = long(value, 0n, 0xffff_ffff_ffff_ffffn, "a uint64");
          if (always || number !== 0n) wire.varint64(tag, number);
        };
      case ScalarType.INT64:
        return (value) => {
          const number = long(value, -(1n << 63n), (1n << 63n) - 1n, "an int64");
          if (always || number !== 0n) wire.varint64(tag, BigInt.asUintN(64, number));
        };
      default:
        throw new Error(`no JSON encoder for ${field.toString()}: ${ScalarType[type]}`);
    }
  }

  function enumeration(field: DescField & { enum: NonNullable<DescField["enum"]> }): Write {
    const numbers = new Map(field.enum.values.map((value) => [value.name, value.number]));
    const tag = field.number << 3;
    return (value) => {
      let number: number | undefined;
      if (typeof value === "string") {
        number = numbers.get(value);
        if (number === undefined)
          return count(unknowns.enums, `${field.enum.name}.${value.slice(0, 100)}`);
      } else number = integer(value, -0x8000_0000, 0x7fff_ffff, `a ${field.enum.name}`);
      if (number !== 0) wire.int32(tag, number);
    };
  }

  function nested(field: DescField & { message: DescMessage }): Write {
    const tag = (field.number << 3) | 2;
    const { typeName } = field.message;
    if (typeName === "google.protobuf.Timestamp") {
      return (value) => {
        const time = typeof value === "string" ? parseTimestamp(value) : undefined;
        if (time === undefined) throw wrong("an RFC 3339 time", value);
        const mark = wire.open(tag);
        if (time.seconds !== 0) wire.varint64(1 << 3, BigInt.asUintN(64, BigInt(time.seconds)));
        if (time.nanos !== 0) wire.varint(2 << 3, time.nanos);
        wire.close(mark);
      };
    }
    if (typeName === "google.protobuf.Any") return () => count(unknowns.fields, path.join("."));
    const inner = field.message.fields[0];
    if (/^google\.protobuf\.\w+Value$/.test(typeName) && inner?.fieldKind === "scalar") {
      const write = scalar(inner, inner.scalar, false);
      return (value) => {
        const mark = wire.open(tag);
        write(value);
        wire.close(mark);
      };
    }
    const plan = planOf(field.message);
    return (value) => {
      const mark = wire.open(tag);
      message(plan, value);
      wire.close(mark);
    };
  }

  function list(write: Write): Write {
    return (value) => {
      if (!Array.isArray(value)) throw wrong("a list", value);
      for (const item of value) {
        if (item === null) throw wrong("no null in a list", value);
        write(item);
      }
    };
  }

  function writerOf(field: DescField): Write {
    switch (field.fieldKind) {
      case "scalar":
        // Only with implicit presence is a zero the same as nothing.
        return scalar(field, field.scalar, field.presence !== FeatureSet_FieldPresence.IMPLICIT);
      case "enum":
        return enumeration(field);
      case "message":
        return nested(field);
      case "list":
        if (field.listKind === "message") return list(nested(field));
        if (field.listKind === "scalar") return list(scalar(field, field.scalar, true));
        return list(enumeration(field));
      case "map":
        return () => count(unknowns.fields, path.join("."));
    }
  }

  /** Names (proto and lowerCamel) of a message's fields, each with what writes it. */
  function planOf(desc: DescMessage): Plan {
    const known = plans.get(desc.typeName);
    if (known !== undefined) return known;
    const plan: Plan = new Map();
    plans.set(desc.typeName, plan);
    for (const field of desc.fields) {
      const step = { number: field.number, write: writerOf(field) };
      plan.set(field.name, step);
      plan.set(field.jsonName, step);
    }
    return plan;
  }

  /** In the order of the field numbers, however the keys stand: the id of a flow without uuid is a hash of the bytes. */
  function message(plan: Plan, json: unknown): void {
    if (typeof json !== "object" || json === null || Array.isArray(json)) {
      throw wrong("an object", json);
    }
    const object = json as Record<string, unknown>;
    const keys: string[] = [];
    const steps: Step[] = [];
    for (const key of Object.keys(object)) {
      if (object[key] === null) continue;
      const step = plan.get(key);
      if (step === undefined) {
        count(unknowns.fields, [...path, key].join(".").slice(0, 200));
        continue;
      }
      let place = steps.length;
      for (; place > 0 && (steps[place - 1] as Step).number > step.number; place -= 1) {
        steps[place] = steps[place - 1] as Step;
        keys[place] = keys[place - 1] as string;
      }
      steps[place] = step;
      keys[place] = key;
    }
    for (const [index, step] of steps.entries()) {
      const key = keys[index] as string;
      path.push(key);
      step.write(object[key]);
      path.pop();
    }
  }

  const root = planOf(GetFlowsResponseSchema);
  return (json) => {
    path.length = 0;
    wire.reset();
    message(root, json);
    return wire.bytes();
  };
}
