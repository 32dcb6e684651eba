import { z } from "zod";
import { type ClientEvents, MAX_FILTER_WORDS } from "@dropscope/model";

// What is too long is for the parser to say: whoever typed it must not lose the connection.
const filtered = z.strictObject({ filter: z.string().max(MAX_FILTER_WORDS) });

/** What a browser may send: every event of `ClientEvents`, with the schema of its data. */
export const CLIENT_EVENTS = {
  subscribe: filtered,
  unsubscribe: z.strictObject({}),
  watchProblems: filtered,
} as const satisfies Record<keyof ClientEvents, z.ZodType>;

/** What is wrong with an event; undefined when it is one of ours, with data and an acknowledgement. */
export function eventFault(event: readonly unknown[]): "unknown-event" | "malformed" | undefined {
  const [name, data, answer, ...more] = event;
  if (typeof name !== "string" || !Object.hasOwn(CLIENT_EVENTS, name)) return "unknown-event";
  const schema = CLIENT_EVENTS[name as keyof typeof CLIENT_EVENTS];
  const fits = more.length === 0 && typeof answer === "function" && schema.safeParse(data).success;
  return fits ? undefined : "malformed";
}
