import type { NamespaceReadiness } from "@dropscope/model";
import { counted } from "../rules/words.js";
import type { StageInput } from "./stage.js";

type Step = NamespaceReadiness["plan"][number];

export interface PlanInput extends StageInput {
  readonly namespace: string;
  readonly hoursSeen: number;
  /** Whether lookups by TCP would be denied, though those by UDP are not. */
  readonly onlyUdp: boolean;
}

/** Hours of the wanted days in which flows must be stored. */
const ENOUGH = 0.75;

/** Namespaces of the cluster itself: what reaches them is rarely seen as a whole. */
const SYSTEM = /^(kube-(system|public|node-lease)|openshift(-.*)?|cilium.*)$/;

/** From what there is to a default deny that breaks nothing, in order. */
export function planOf(input: PlanInput): Step[] {
  const { namespace, days, hoursSeen, breaks, dns, onlyUdp, unknown, workloads, audit } = input;
  // Names come from flows and may be anything; what is no name of a namespace goes into no command line.
  const ns = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(namespace) ? namespace : undefined;
  const command = (text: (ns: string) => string): string => (ns === undefined ? "" : text(ns));
  const isFull =
    workloads.length > 0 && workloads.every(({ isolated }) => isolated.ingress && isolated.egress);
  const wanted = Math.ceil(days * 24 * ENOUGH);
  const isAllowed = breaks.length === 0 && !input.blind;
  const suggest = command(
    (own) => `dropscope policy suggest --namespace ${own} --since ${days}d > ${own}.yaml`,
  );
  return [
    {
      done: hoursSeen >= wanted,
      says: `Store flows for ${counted(days, "day")}: there are ${hoursSeen} of ${days * 24} hours.`,
      command: "dropscope status",
    },
    {
      done: isAllowed,
      says: allowedWords(input),
      command: isAllowed ? "" : suggest,
    },
    {
      done: dns === "allowed" && !onlyUdp,
      says: onlyUdp
        ? "Allow lookups of names by TCP too: long answers come that way."
        : dns === "allowed"
          ? "Lookups of names are allowed."
          : "Allow lookups of names, at the resolver that its pods really ask.",
      command: dns === "allowed" && !onlyUdp ? "" : suggest,
    },
    ...(unknown === 0
      ? []
      : [
          {
            done: false,
            says: `Find out about the ${counted(unknown, "connection")} that could not be judged: the cluster's pods and Services tell who is at an address.`,
            command: command((own) => `dropscope policy readiness --namespace ${own} -o json`),
          },
        ]),
    {
      done: isAllowed && input.left === 0,
      says: "Replay what was seen before anything is applied.",
      command: command(
        (own) =>
          `dropscope policy simulate --policies ${own}.yaml --namespace ${own} --since ${days}d --fail-on newly-denied`,
      ),
    },
    {
      done: input.cleanDays >= days,
      says: `Wait until ${counted(days, "day")} in a row brought nothing new: so far ${input.cleanDays}.`,
      command: command((own) => `dropscope policy readiness --namespace ${own}`),
    },
    {
      done: isFull && !audit,
      says: audit
        ? "Turn Cilium's audit mode off, once every namespace is ready: it holds for the whole cluster."
        : SYSTEM.test(namespace)
          ? "Leave it open, unless all that reaches it is known: the cluster itself lives here."
          : "Deny by default.",
      command:
        audit || SYSTEM.test(namespace)
          ? ""
          : command(
              (own) =>
                `dropscope policy readiness --default-deny --namespace ${own} | kubectl apply -f -`,
            ),
    },
    {
      done: false,
      says: "Watch what is dropped from then on.",
      command: command((own) => `dropscope problems --namespace ${own} --follow`),
    },
  ];
}

function allowedWords({ blind, breaks, aside, unseen }: PlanInput): string {
  if (blind) return "Observe its traffic: nothing of it is stored.";
  if (breaks.length > 0)
    return `Allow the ${counted(breaks.length, "connection")} that no rule allows, or decide that ${breaks.length === 1 ? "it" : "they"} may break.`;
  const but = [
    ...(aside === 0
      ? []
      : [
          `${counted(aside, "connection")} that ${aside === 1 ? "looks" : "look"} like scans or single tries ${aside === 1 ? "is" : "are"} left aside`,
        ]),
    ...(unseen === 0
      ? []
      : [`of ${counted(unseen, "workload")} nothing was seen, so nothing is known`]),
  ];
  return `The policies allow everything that was seen${but.length === 0 ? "" : `; ${but.join(", and ")}`}.`;
}
