import { cleanText, TEXT_CAPS } from "@dropscope/model";

/** JSON as it stands in the column `rest`. */
export type Json = string | number | boolean | null | Json[] | { [name: string]: Json };

type JsonObject = { [name: string]: Json };

// With everything else that a row can hold, this keeps it below 64 KiB.
const MAX_REST = 16_384;
/** What goes first when `rest` is too long; the loss shows as a member named "…". */
const EXPENDABLE = ["unknown", "extensions", "l7", "tunnel", "source", "destination"] as const;

/**
 * What no column can hold, in the shape of the flow: a reader lays it over the flow that it built from the columns
 * (objects member by member, everything else replaced). Only rare flows have any.
 */
export class Rest {
  #value: JsonObject = {};
  #unknown = new Map<string, Uint8Array[]>();
  #used = false;

  get isEmpty(): boolean {
    return !this.#used;
  }

  /** @param path member names from the flow down, joined by dots. */
  set(path: string, value: Json): void {
    this.#used = true;
    const names = path.split(".");
    const last = names.pop()!;
    let at = this.#value;
    for (const name of names) at = (at[name] ??= {}) as JsonObject;
    at[last] = value;
  }

  /** Wire bytes (tag and value) of a field that this build does not know. */
  addUnknown(path: string, wire: Uint8Array): void {
    this.#used = true;
    const list = this.#unknown.get(path);
    if (list) list.push(wire);
    else this.#unknown.set(path, [wire]);
  }

  /** Takes over what a sub-message could not place. */
  adopt(prefix: string, part: Rest): void {
    for (const [name, value] of Object.entries(part.#value)) this.set(`${prefix}.${name}`, value);
    for (const [path, list] of part.#unknown)
      for (const wire of list) this.addUnknown(`${prefix}.${path}`, wire);
  }

  /** Under redaction, fields that nobody understands are not kept where secrets live. */
  forgetUnknown(prefix: string): void {
    for (const path of this.#unknown.keys())
      if (path.startsWith(prefix)) this.#unknown.delete(path);
  }

  reset(): void {
    if (!this.#used) return;
    this.#used = false;
    this.#value = {};
    this.#unknown.clear();
  }

  /** JSON text, clean and bounded; empty when there is nothing. */
  text(): string {
    const value: JsonObject = { ...this.#value };
    if (this.#unknown.size > 0)
      value["unknown"] = Object.fromEntries(
        [...this.#unknown].map(([path, list]) => [path, Buffer.concat(list).toString("base64")]),
      );
    if (Object.keys(value).length === 0) return "";
    let text = JSON.stringify(clean(value));
    for (const name of EXPENDABLE) {
      if (text.length <= MAX_REST) break;
      delete value[name];
      text = JSON.stringify(clean({ ...value, "…": "" }));
    }
    return text.length <= MAX_REST ? text : `{"…":""}`;
  }
}

function clean(value: Json): Json {
  if (typeof value === "string") return isBase64(value) ? value : cleanText(value, TEXT_CAPS.text);
  if (Array.isArray(value)) return value.map(clean);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      cleanText(name, TEXT_CAPS.label),
      clean(member),
    ]),
  );
}

/** Bytes must not be cut in the middle, and have nothing to clean. */
function isBase64(text: string): boolean {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
}
