import type { Manifests } from "../../objects.js";
import {
  type ConnectionSet,
  includes,
  LIST_PROTOCOLS,
  type ListProtocol,
  NOTHING,
  ofProtocol,
  sameConnections,
  unite,
} from "../connection-set.js";
import type { End } from "../ends.js";
import { type Focus, narrowed, NO_FOCUS, pairInFocus } from "../focus.js";
import { analyse, type Analysis, type ConnectionOptions, pairs } from "../list.js";
import { mergeRanges } from "../merge.js";
import { portSet } from "../ports.js";
import type { PublishedBy } from "../publish.js";
import { edgesOf, reasonsAt, type SideReasons } from "./reasons.js";
import { reasonText } from "./reason-text.js";

/** Connections of one pair that have the same reasons. */
export interface ExplainedPart {
  readonly allowed: boolean;
  readonly set: ConnectionSet;
  readonly egress: ExplainedSide;
  readonly ingress: ExplainedSide;
}

export interface ExplainedSide {
  readonly allowed: boolean;
  /** One line each, in netpol-analyzer's words; `the system default (Allow all)` when nothing has a say. Sorted. */
  readonly reasons: readonly string[];
}

export interface ExplainedPair {
  readonly from: End;
  readonly to: End;
  /** Together all connections, or all that are asked for; none twice. */
  readonly parts: readonly ExplainedPart[];
}

/** Why each pair of ends may exchange what, and why not the rest. */
export function explainConnections(
  manifests: Manifests,
  options: ConnectionOptions,
): ExplainedPair[] {
  const analysis = analyse(manifests, options);
  const focus = options.focus ?? NO_FOCUS;
  const explained: ExplainedPair[] = [];
  for (const [from, to] of pairs(analysis))
    if (pairInFocus(focus, from, to))
      explained.push({ from, to, parts: partsOf(analysis, focus, from, to) });
  for (const { end, by } of analysis.published)
    if (pairInFocus(focus, analysis.controller, end)) {
      const { controller } = analysis;
      const parts = partsOf(analysis, focus, controller, end, by);
      // What policies block altogether is no connection of the controller, but a warning.
      if (parts.some(({ allowed }) => allowed))
        explained.push({ from: controller, to: end, parts });
    }
  return mergeRanges(explained, sameParts).map(withRangeText);
}

function partsOf(
  { judge }: Analysis,
  focus: Focus,
  from: End,
  to: End,
  by?: readonly PublishedBy[],
): ExplainedPart[] {
  const egress = judge.side("egress", from.endpoint, to.endpoint);
  const ingress = judge.side("ingress", from.endpoint, to.endpoint);
  const parts = new Map<string, ExplainedPart>();
  for (const protocol of LIST_PROTOCOLS) {
    const edges = [1, ...edgesOf(egress, protocol), ...edgesOf(ingress, protocol)];
    for (const one of by ?? [])
      for (const [first, last] of one.reached.ports[protocol]) edges.push(first, last + 1);
    const starts = [...new Set(edges)].filter((port) => port <= 65_535).sort((a, b) => a - b);
    starts.forEach((first, i) => {
      const last = (starts[i + 1] ?? 65_536) - 1;
      const sides = {
        egress: sideAt(reasonsAt(egress, protocol, first, to.endpoint), from, to, "egress"),
        ingress: published(
          sideAt(reasonsAt(ingress, protocol, first, to.endpoint), from, to, "ingress"),
          by,
          protocol,
          first,
        ),
      };
      const set = narrowed(focus, ofProtocol(protocol, portSet([[first, last]])));
      if (sameConnections(set, NOTHING)) return;
      const key = JSON.stringify(sides);
      const known = parts.get(key)?.set ?? NOTHING;
      const allowed = sides.egress.allowed && sides.ingress.allowed;
      parts.set(key, { allowed, ...sides, set: unite(known, set) });
    });
  }
  return [...parts.values()];
}

/** Stands for the range of a pair until it is known how wide it becomes. */
const RANGE = "\0";

function sideAt(
  { allowed, reasons }: SideReasons,
  from: End,
  to: End,
  direction: "ingress" | "egress",
): ExplainedSide {
  const [source, target] = [from, to].map((end) => (end.of === "range" ? RANGE : end.text)) as [
    string,
    string,
  ];
  const [subject, other] = direction === "ingress" ? [target, source] : [source, target];
  const texts = reasons.map((reason) => reasonText(reason, direction, subject, other));
  return { allowed, reasons: [...new Set(texts)].sort() };
}

/** Only what an Ingress or Route publishes gets through its controller. */
function published(
  side: ExplainedSide,
  by: readonly PublishedBy[] | undefined,
  protocol: ListProtocol,
  port: number,
): ExplainedSide {
  if (by === undefined) return side;
  const reaching = by.filter(({ reached }) => includes(reached, protocol, port));
  const own = side.reasons.filter((text) => text !== SYSTEM_DEFAULT);
  const title = ({ publication }: PublishedBy): string =>
    `${publication.kind} '${publication.namespace}/${publication.name}'`;
  const texts =
    reaching.length > 0
      ? reaching.map(
          (one) => `${title(one)} allows ingress connections through service ${one.service}`,
        )
      : by.map(
          (one) =>
            `${title(one)} allows ingress to service ${one.service}, but the protocols and ports do not match`,
        );
  return {
    allowed: side.allowed && reaching.length > 0,
    reasons: [...new Set([...own, ...texts])].sort(),
  };
}

const SYSTEM_DEFAULT = "the system default (Allow all)";

function sameParts(a: ExplainedPair, b: ExplainedPair): boolean {
  return JSON.stringify(a.parts) === JSON.stringify(b.parts);
}

function withRangeText(pair: ExplainedPair): ExplainedPair {
  const range = [pair.from, pair.to].find(({ of }) => of === "range")?.text;
  if (range === undefined) return pair;
  const named = (side: ExplainedSide): ExplainedSide => ({
    ...side,
    reasons: side.reasons.map((text) => text.replaceAll(RANGE, range)),
  });
  return {
    ...pair,
    parts: pair.parts.map((part) => ({
      ...part,
      egress: named(part.egress),
      ingress: named(part.ingress),
    })),
  };
}
