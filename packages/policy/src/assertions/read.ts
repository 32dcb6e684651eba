import { nearest } from "@dropscope/model";
import type { SourceObject } from "../objects.js";
import type { Place } from "../place.js";
import type { Protocol } from "../policy.js";
import { isRecord } from "../source/record.js";
import {
  type AssertedEnd,
  type AssertedPort,
  type Assertion,
  type AssertionProblem,
  TEST_API,
  TEST_KIND,
} from "./assertion.js";

export interface ReadAssertions {
  readonly assertions: readonly Assertion[];
  readonly problems: readonly AssertionProblem[];
}

const OF_DOCUMENT = ["apiVersion", "kind", "metadata", "assertions"];
const OF_ASSERTION = ["name", "allow", "deny"];
const OF_CONNECTION = ["from", "to", "exceptFrom", "exceptTo", "port", "protocol"];
const PROTOCOLS: readonly Protocol[] = ["TCP", "UDP", "SCTP", "ICMP", "ICMPv6"];

/** More of a list are no assertion that somebody wrote. */
const MAX_LIST = 1_000;

/**
 * The assertions among objects that were read, in their order. What is not understood is a problem:
 * an assertion that is passed over would be one that nobody checks.
 * @param namespace of ends that name none, where the document names none either
 */
export function readAssertions(
  sources: readonly SourceObject[],
  namespace = "default",
): ReadAssertions {
  const assertions: Assertion[] = [];
  const problems: AssertionProblem[] = [];
  for (const source of sources) if (isTest(source)) read(source);
  return { assertions, problems };

  function read(source: SourceObject): void {
    const say = (path: string, message: string, fix: string): undefined => {
      problems.push({ place: source.placeOf(path), message, fix });
    };
    const { value, apiVersion, kind } = source;
    if (apiVersion !== TEST_API || kind !== TEST_KIND)
      return say(
        "",
        "these are assertions, but not under the kind that is read",
        `Write apiVersion: ${TEST_API} and kind: ${TEST_KIND} above them.`,
      );
    known(value, "", OF_DOCUMENT, say);
    const metadata = isRecord(value["metadata"]) ? value["metadata"] : {};
    const own = metadata["namespace"];
    const list = value["assertions"];
    if (!Array.isArray(list) || list.length === 0)
      return say("assertions", "there is no assertion", "Write a list of allow and deny.");
    for (const [at, item] of list.entries()) {
      const path = `assertions[${at}]`;
      const one = readOne(item, path, typeof own === "string" && own !== "" ? own : namespace, {
        say,
        placeOf: (where) => source.placeOf(where),
      });
      if (one !== undefined) assertions.push(one);
    }
  }
}

/** Also what only looks like assertions: they must not be passed over for a slip of typing. */
function isTest({ apiVersion, kind, value }: SourceObject): boolean {
  if (apiVersion === TEST_API || kind === TEST_KIND) return true;
  return kind === "" && Array.isArray(value["assertions"]);
}

type Say = (path: string, message: string, fix: string) => undefined;

interface Reader {
  readonly say: Say;
  readonly placeOf: (path: string) => Place;
}

function readOne(
  item: unknown,
  path: string,
  namespace: string,
  reader: Reader,
): Assertion | undefined {
  const { say, placeOf } = reader;
  if (!isRecord(item))
    return say(path, "this is no assertion", "Write `- allow: {from: …, to: …, port: …}`.");
  known(item, path, OF_ASSERTION, say);
  const expects = (["allow", "deny"] as const).filter((word) => Object.hasOwn(item, word));
  const [word] = expects;
  if (word === undefined || expects.length !== 1)
    return say(
      path,
      word === undefined ? "it says neither allow nor deny" : "it says both allow and deny",
      "Write one of the two; make two assertions of two.",
    );
  const told = item[word];
  const at = `${path}.${word}`;
  if (!isRecord(told)) return say(at, "there is no connection", "Write from, to and port.");
  known(told, at, OF_CONNECTION, say);
  const list = (field: string): AssertedEnd[] | undefined =>
    readEnds(told[field], `${at}.${field}`, reader);
  const [from, to] = [list("from"), list("to")];
  const [exceptFrom, exceptTo] = [list("exceptFrom"), list("exceptTo")];
  for (const [name, ends] of Object.entries({ from, to }))
    if (ends?.length === 0)
      say(at, `${name} is missing`, "Write NS/WORKLOAD, an address, a name or any.");
  const protocol = readProtocol(told["protocol"], `${at}.protocol`, say);
  const ports = readPorts(told["port"], `${at}.port`, reader);
  if (!from || !to || !exceptFrom || !exceptTo || !ports || protocol === null) return undefined;
  if (from.length === 0 || to.length === 0) return undefined;
  const name = readName(item["name"], `${path}.name`, say);
  const read = { expects: word, namespace, from, to, exceptFrom, exceptTo, ports, protocol };
  return { ...read, name: name ?? assertionText(read), place: placeOf(path) };
}

/** A field that nobody reads would be a condition that nobody checks. */
function known(
  value: Readonly<Record<string, unknown>>,
  path: string,
  fields: readonly string[],
  say: Say,
): void {
  for (const key of Object.keys(value)) {
    if (fields.includes(key)) continue;
    const near = nearest(key, fields);
    say(
      `${path === "" ? "" : path}[${JSON.stringify(key)}]`,
      `${JSON.stringify(key.slice(0, 80))} is no field of it`,
      near ? `Did you mean ${near}?` : `Its fields are ${fields.join(", ")}.`,
    );
  }
}

function readName(value: unknown, path: string, say: Say): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "string" && value.trim() !== "") return value;
  return say(path, "the name is no text", "Say in words what must hold, or leave it out.");
}

/** Undefined after a problem; empty when it is not written. */
function readEnds(
  value: unknown,
  path: string,
  { say, placeOf }: Reader,
): AssertedEnd[] | undefined {
  const items = listOf(value);
  const ends: AssertedEnd[] = [];
  for (const { item, at } of items) {
    const where = at === undefined ? path : `${path}[${at}]`;
    if (typeof item !== "string" || item.trim() === "")
      return say(
        where,
        `${JSON.stringify(item) ?? "nothing"} is no end of a connection`,
        "Write a text such as payments/api; addresses in quotes.",
      );
    ends.push({ text: item.trim(), place: placeOf(where) });
  }
  if (items.length > MAX_LIST) return say(path, "the list is too long", "Write NS/* or any.");
  return ends;
}

function readPorts(
  value: unknown,
  path: string,
  { say, placeOf }: Reader,
): AssertedPort[] | undefined {
  const items = listOf(value);
  const ports: AssertedPort[] = [];
  for (const { item, at } of items) {
    const where = at === undefined ? path : `${path}[${at}]`;
    const port = portOf(item);
    if (port === undefined)
      return say(
        where,
        `${JSON.stringify(item) ?? "nothing"} is no port`,
        "Write a number, FIRST-LAST, the name of a container port, or any.",
      );
    ports.push({ ...port, place: placeOf(where) });
  }
  if (items.length > MAX_LIST) return say(path, "the list is too long", "Write FIRST-LAST.");
  return ports;
}

function portOf(item: unknown): Omit<AssertedPort, "place"> | undefined {
  const text = typeof item === "number" ? String(item) : item;
  if (typeof text !== "string") return undefined;
  const trimmed = text.trim();
  if (trimmed === "any") return { of: "any", text: trimmed, first: 1, last: 65_535 };
  const range = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(trimmed);
  if (range === null)
    return /^[a-z0-9-]{1,63}$/i.test(trimmed) && /[a-z]/i.test(trimmed)
      ? { of: "one", text: trimmed, first: 0, last: 0 }
      : undefined;
  const first = Number(range[1]);
  const last = Number(range[2] ?? range[1]);
  if (first > last || last > 65_535) return undefined;
  return { of: range[2] === undefined ? "one" : "range", text: trimmed, first, last };
}

/** Null after a problem. */
function readProtocol(value: unknown, path: string, say: Say): Protocol | undefined | null {
  if (value === undefined || value === null) return undefined;
  const found = PROTOCOLS.find(
    (one) => typeof value === "string" && one.toLowerCase() === value.toLowerCase(),
  );
  if (found !== undefined) return found;
  say(path, `${JSON.stringify(value)} is no protocol`, `Write one of ${PROTOCOLS.join(", ")}.`);
  return null;
}

/** One value is a list of one. */
function listOf(value: unknown): { item: unknown; at?: number }[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) return [{ item: value }];
  return value.map((item: unknown, at) => ({ item, at }));
}

/** `allow payments/api to payments/db on 5432`. */
export function assertionText({
  expects,
  from,
  to,
  exceptFrom,
  exceptTo,
  ports,
  protocol,
}: Omit<Assertion, "name" | "place" | "namespace">): string {
  const list = (ends: readonly { readonly text: string }[]): string =>
    ends.map(({ text }) => text).join(", ");
  const but = (ends: readonly AssertedEnd[]): string =>
    ends.length === 0 ? "" : ` except ${list(ends)}`;
  const what = [protocol, list(ports)].filter(Boolean).join(" ");
  return `${expects} ${list(from)}${but(exceptFrom)} to ${list(to)}${but(exceptTo)}${what === "" ? "" : ` on ${what}`}`;
}
