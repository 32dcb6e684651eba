import type { z } from "zod";
import { damaged } from "../errors.js";
import { LINE_BYTES } from "../format.js";
import type { OpenBundle } from "./read.js";

const NEWLINE = 0x0a;

/** The lines of a file, without their breaks; none is longer than `most` bytes. */
export async function* linesOf(
  bundle: OpenBundle,
  name: string,
  most: number = LINE_BYTES.others,
): AsyncIterable<string[]> {
  let rest: Buffer[] = [];
  let held = 0;
  for await (const piece of bundle.read(name)) {
    const lines: string[] = [];
    let from = 0;
    for (let at = piece.indexOf(NEWLINE); at >= 0; at = piece.indexOf(NEWLINE, from)) {
      const end = piece.subarray(from, at);
      if (held + end.length > most) throw tooLong(bundle, name);
      lines.push(
        rest.length === 0 ? end.toString("utf8") : Buffer.concat([...rest, end]).toString("utf8"),
      );
      rest = [];
      held = 0;
      from = at + 1;
    }
    const open = piece.subarray(from);
    if (open.length > 0) {
      rest.push(open);
      held += open.length;
      if (held > most) throw tooLong(bundle, name);
    }
    if (lines.length > 0) yield lines;
  }
  if (held > 0) throw damaged(bundle.path, `the last line of ${name} is cut`);
}

/** Lines as values of a schema. @throws DropscopeError `INCIDENT_DAMAGED` naming the line */
export async function* valuesOf<Value>(
  bundle: OpenBundle,
  name: string,
  schema: z.ZodType<Value>,
): AsyncIterable<Value[]> {
  let line = 0;
  for await (const lines of linesOf(bundle, name))
    yield lines.map((text) => {
      line += 1;
      const parsed = schema.safeParse(valueOf(text));
      if (parsed.success) return parsed.data;
      const where = parsed.error.issues[0]?.path.join(".") ?? "";
      throw damaged(
        bundle.path,
        `line ${line} of ${name} cannot be understood${where === "" ? "" : ` at ${where.slice(0, 80)}`}`,
      );
    });
}

function valueOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const tooLong = (bundle: OpenBundle, name: string) =>
  damaged(bundle.path, `${name} has a line that is longer than any`);
