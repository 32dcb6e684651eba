import { EXIT } from "@dropscope/model";
import {
  createWorld,
  type DecisionExplanation,
  type Endpoint,
  explain,
  explanationJson,
  type World,
} from "@dropscope/policy";
import { Option } from "commander";
import type { Invocation } from "../../program.js";
import { type End, END_FORMS, readEnd } from "./ends.js";
import { loadManifests } from "./load.js";
import { readPort, readProtocol } from "./port.js";
import { profileOf, profileOptions } from "./profile-options.js";

/** Flags of `policy check` and `policy explain`: who, to whom, on what. */
export const QUESTION_OPTIONS: readonly Option[] = [
  new Option("--from <END>", `source: ${END_FORMS}`).makeOptionMandatory(),
  new Option("--to <END>", "destination, in the same forms").makeOptionMandatory(),
  new Option(
    "--port <PORT>",
    "number, or name of a container port; a Service's own port where --to is one; the type for ICMP (default: the only one that the destination declares)",
  ),
  new Option("--protocol <PROTOCOL>", "TCP, UDP, SCTP, ICMP or ICMPv6").default("TCP"),
  ...profileOptions(),
  new Option("-o, --output <FORMAT>", "output format").choices(["text", "json"]).default("text"),
];

/** What policies say to a question: one explanation for each pair of ends that differ. */
export interface Answer {
  /** Whether every pair of ends is allowed. */
  readonly allowed: boolean;
  readonly explanations: readonly DecisionExplanation[];
  readonly notes: readonly string[];
  /** How many problems the manifests have that keep an object from taking effect. */
  readonly refused: number;
}

/**
 * Reads the manifests, understands the ends and judges.
 * @throws DropscopeError `USAGE`, `POLICY_END`, and what `loadManifests` throws
 */
export async function ask({ loaded, options }: Invocation): Promise<Answer> {
  const namespace = options["namespace"] as string;
  const profile = profileOf(options);
  const protocol = readProtocol(options["protocol"] as string);
  const manifests = await loadManifests(loaded.config.policies, {
    namespace,
    cluster: profile.cluster,
    named: "--policies",
  });
  const world = createWorld(manifests, profile);
  const from = readEnd(options["from"] as string, "--from", world, namespace);
  const to = readEnd(options["to"] as string, "--to", world, namespace);
  const notes = new Set([...from.notes, ...to.notes]);
  const explanations: DecisionExplanation[] = [];
  for (const destination of different(to)) {
    const { port, note } = readPort(
      options["port"] as string | undefined,
      protocol,
      destination,
      to.service,
    );
    if (note) notes.add(note);
    for (const source of different(from)) {
      if (source === destination)
        notes.add(
          `${source.name} reaches its own address whatever policies say; this is about two replicas of it`,
        );
      explanations.push(judge({ from: source, to: destination, protocol, port }, world));
    }
  }
  return {
    allowed: explanations.every(({ decision }) => decision.allowed),
    explanations,
    notes: [...notes],
    refused: manifests.problems.filter(({ severity }) => severity === "error").length,
  };
}

const judge = (
  connection: Parameters<typeof explain>[0],
  { policies, context }: World,
): DecisionExplanation => explain(connection, policies, context);

/** One end of each sort: replicas cannot be told apart by any policy but by their address. */
function different({ endpoints }: End): Endpoint[] {
  const sorts = new Map<string, Endpoint>();
  for (const endpoint of endpoints) {
    const { labels, ports, addresses, kind } = endpoint;
    const key = JSON.stringify([kind, labels.texts, ports, kind === "pod" ? [] : addresses]);
    if (!sorts.has(key)) sorts.set(key, endpoint);
  }
  return [...sorts.values()];
}

/** The answer as JSON; `connections` has an entry for each pair of ends that differ. */
export function answerJson({ allowed, explanations, notes, refused }: Answer): unknown {
  return { allowed, notes, refused, connections: explanations.map(explanationJson) };
}

/** Exit code of an answer: 0 allowed, 3 denied. */
export const exitCodeOf = ({ allowed }: Answer): number => (allowed ? EXIT.ok : EXIT.denied);
