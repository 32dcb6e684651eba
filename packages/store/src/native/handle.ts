import { LowCardinalityArrayColumn, TextArrayColumn, U64ArrayColumn } from "./arrays.js";
import type { BlockContext, NativeColumn } from "./column.js";
import { Fixed8, Fixed16, Fixed32, Fixed64, Fixed128 } from "./fixed.js";
import { LowCardinalityColumn } from "./low-cardinality.js";
import { Nullable32, Nullable64 } from "./nullable.js";
import { TextColumn } from "./text.js";

/** The builder class of a ClickHouse type, by the type's text in the schema. */
export type HandleOf<Type extends string> = Type extends "UInt8" | `Enum8(${string})`
  ? Fixed8
  : Type extends "UInt16" | "Date"
    ? Fixed16
    : Type extends "UInt32" | "Int32"
      ? Fixed32
      : Type extends "UInt64" | `DateTime64(${string})`
        ? Fixed64
        : Type extends "UUID" | "IPv6"
          ? Fixed128
          : Type extends "String"
            ? TextColumn
            : Type extends "LowCardinality(String)"
              ? LowCardinalityColumn
              : Type extends "Array(String)"
                ? TextArrayColumn
                : Type extends "Array(LowCardinality(String))"
                  ? LowCardinalityArrayColumn
                  : Type extends "Array(UInt64)"
                    ? U64ArrayColumn
                    : Type extends "Nullable(Int32)"
                      ? Nullable32
                      : Type extends `Nullable(DateTime64(${string}))`
                        ? Nullable64
                        : never;

/** @throws Error for a type that no builder exists for: a mistake in the schema, seen at start. */
export function makeColumn(type: string, context: BlockContext): NativeColumn {
  // Parameters (scale, zone, names of an enum) do not change how values are laid out.
  switch (type.replace(/(DateTime64|Enum8)\([^)]*\)/, "$1")) {
    case "UInt8":
    case "Enum8":
      return new Fixed8();
    case "UInt16":
    case "Date":
      return new Fixed16();
    case "UInt32":
    case "Int32":
      return new Fixed32();
    case "UInt64":
    case "DateTime64":
      return new Fixed64();
    case "UUID":
      return new Fixed128("UUID");
    case "IPv6":
      return new Fixed128("IPv6");
    case "String":
      return new TextColumn();
    case "LowCardinality(String)":
      return new LowCardinalityColumn(context);
    case "Array(String)":
      return new TextArrayColumn();
    case "Array(LowCardinality(String))":
      return new LowCardinalityArrayColumn(context);
    case "Array(UInt64)":
      return new U64ArrayColumn();
    case "Nullable(Int32)":
      return new Nullable32();
    case "Nullable(DateTime64)":
      return new Nullable64();
    default:
      throw new Error(`no Native builder for the column type ${type}`);
  }
}
