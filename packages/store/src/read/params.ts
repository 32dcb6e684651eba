/** ClickHouse types that a placeholder may have. */
export type ParamType =
  | "String"
  | "Array(String)"
  | "UInt16"
  | "UInt32"
  | "Int32"
  | "Int64"
  | "UInt64"
  | "UUID"
  | "IPv6"
  | "Array(UInt8)"
  | "Array(UInt16)"
  | "Array(UInt32)"
  | "Array(UInt64)"
  | "Array(UUID)"
  | "Array(IPv6)";

/**
 * Values of one query. A value never enters the text of a query: `add` gives the
 * placeholder that stands for it (`{p1:String}`). The same value gets the same placeholder.
 */
export class Params {
  readonly values: Record<string, unknown> = {};
  readonly #known = new Map<string, string>();

  add(type: ParamType, value: unknown): string {
    const key = `${type} ${JSON.stringify(value, (_, one: unknown) => (typeof one === "bigint" ? `${one}n` : one))}`;
    let name = this.#known.get(key);
    if (name === undefined) {
      name = `p${this.#known.size + 1}`;
      this.#known.set(key, name);
      this.values[name] = value;
    }
    return `{${name}:${type}}`;
  }
}
