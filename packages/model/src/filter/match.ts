import { parseAddress, rangeHolds } from "../addresses.js";
import { enumNumber } from "../enum-names.js";
import { IP_VERSIONS, TRAFFIC_DIRECTIONS, VERDICTS } from "../enums.gen.js";
import type { Flow } from "../flow.js";
import { dropReasonNumber, layer4, urlPath } from "../flow-parts.js";
import type { Condition, NamePrefix } from "./condition.js";
import { conditionsOf } from "./conditions.js";
import type { PolicyName } from "../explanation.js";
import type { FlowSelection } from "./flow-filter.js";
import { globMatches, nodeGlobMatches, policyGlobMatches } from "./globs.js";
import { labelsMatch } from "./labels.js";
import { compilePattern, type RegexCompiler } from "./patterns.js";

export interface MatchOptions {
  /** Must be linear-time (re2js): the pattern comes from a stranger. */
  regex: RegexCompiler;
}

/** What is known of a flow beside itself, where it is an explained drop; cut to the viewer, as the flow is. */
export interface FlowStory {
  /** Id of the problem that it is folded into. */
  readonly problem: string;
  /** Policies that its explanation holds responsible: those that select and those that deny. */
  readonly policies: readonly PolicyName[];
}

export type FlowMatcher = (flow: Flow, node?: string, story?: FlowStory) => boolean;

/**
 * Does a flow pass a selection? The same semantics as Hubble's server 1.19. The slow and
 * obvious twin of the store's SQL, for code that has flows in hand.
 * The matcher takes the name of the node on the envelope, used where the flow has none, and the story of
 * an explained drop, without which no problem and only the policies that Hubble names are known.
 * @throws FilterError
 */
export function compileSelection(selection: FlowSelection, options: MatchOptions): FlowMatcher {
  const allow = selection.allow.map((filter) => compileAll(conditionsOf(filter), options));
  const deny = selection.deny.map((filter) => compileAll(conditionsOf(filter), options));
  return (flow, node, story) =>
    (allow.length === 0 || allow.some((passes) => passes(flow, node, story))) &&
    !deny.some((passes) => passes(flow, node, story));
}

function compileAll(conditions: readonly Condition[], options: MatchOptions): FlowMatcher {
  const tests = conditions.map((condition) => compileOne(condition, options));
  return (flow, node, story) => tests.every((passes) => passes(flow, node, story));
}

function compileOne(condition: Condition, options: MatchOptions): FlowMatcher {
  switch (condition.on) {
    case "address":
      return (flow) => {
        const text =
          condition.end === "translated" ? flow.IP?.source_xlated : flow.IP?.[condition.end];
        const address = text === undefined ? undefined : parseAddress(text);
        return (
          address !== undefined && condition.ranges.some((range) => rangeHolds(range, address))
        );
      };
    case "pod":
      return (flow) => {
        const end = flow[condition.end];
        return anyPrefix(condition.names, end?.namespace ?? "", end?.pod_name ?? "");
      };
    case "service":
      return (flow) => {
        const service = flow[`${condition.end}_service`];
        return anyPrefix(condition.names, service?.namespace ?? "", service?.name ?? "");
      };
    case "workload":
      return (flow) =>
        (flow[condition.end]?.workloads ?? []).some((have) =>
          condition.workloads.some(
            (want) =>
              (want.name === "" || want.name === have.name) &&
              (want.kind === "" || want.kind === have.kind),
          ),
        );
    case "fqdn":
      return (flow) =>
        (flow[`${condition.end}_names`] ?? []).some((name) =>
          condition.globs.some((glob) => globMatches(glob, name)),
        );
    case "labels":
      return (flow) => {
        const labels = condition.end === "node" ? flow.node_labels : flow[condition.end]?.labels;
        return condition.selectors.some((selector) => labelsMatch(selector, labels ?? []));
      };
    case "identity":
      return (flow) => {
        const end = flow[condition.end];
        return end !== undefined && condition.values.includes(end.identity ?? 0);
      };
    case "port":
      return (flow) => {
        const ports = layer4(flow)?.ports;
        return ports !== undefined && condition.values.includes(ports[condition.end]);
      };
    case "cluster":
      return (flow) => {
        const name = flow[condition.end]?.cluster_name ?? "";
        return name !== "" && condition.globs.some((glob) => globMatches(glob, name));
      };
    case "verdict":
      return (flow) => has(condition.values, enumNumber(VERDICTS, flow.verdict));
    case "reason":
      return (flow) =>
        enumNumber(VERDICTS, flow.verdict) === 2 && has(condition.values, dropReasonNumber(flow));
    case "direction":
      return (flow) =>
        has(condition.values, enumNumber(TRAFFIC_DIRECTIONS, flow.traffic_direction));
    case "ip-version":
      return (flow) => has(condition.values, enumNumber(IP_VERSIONS, flow.IP?.ipVersion));
    case "event":
      return (flow) => {
        const event = flow.event_type;
        if (event === undefined) return false;
        return condition.types.some(
          (want) =>
            (want.type === 0 || want.type === (event.type ?? 0)) &&
            (want.subType === undefined || want.subType === (event.sub_type ?? 0)),
        );
      };
    case "protocol":
      return (flow) =>
        condition.l4.some((name) => flow.l4?.[name] !== undefined) ||
        condition.l7.some((name) => flow.l7?.[name] !== undefined);
    case "reply":
      return (flow) => {
        // A drop never knows whether it answers something; the server counts it as "no".
        const reply =
          flow.is_reply ?? (enumNumber(VERDICTS, flow.verdict) === 2 ? false : undefined);
        return reply !== undefined && condition.values.includes(reply);
      };
    case "encrypted":
      return (flow) => condition.values.includes(flow.IP?.encrypted === true);
    case "tcp-flags":
      return (flow) => {
        const flags = flow.l4?.TCP?.flags;
        return (
          flags !== undefined &&
          condition.masks.some((mask) => mask.every((name) => flags[name] === true))
        );
      };
    case "http-status":
      return (flow) => {
        const code = flow.l7?.http?.code ?? 0;
        if (code === 0) return false;
        const text = String(code).padStart(3, "0");
        return (
          condition.exact.includes(code) ||
          condition.prefixes.some((prefix) => text.startsWith(prefix))
        );
      };
    case "http-method":
      return (flow) =>
        condition.values.includes((flow.l7?.http?.method ?? "").toLowerCase()) &&
        (flow.l7?.http?.method ?? "") !== "";
    case "http-path":
    case "http-url":
    case "dns-query":
      return compileRegex(condition, options);
    case "http-header":
      return (flow) =>
        (flow.l7?.http?.headers ?? []).some((have) =>
          condition.headers.some(
            (want) => want.key === (have.key ?? "") && want.value === (have.value ?? ""),
          ),
        );
    case "node":
      return (flow, node) => {
        const name = flow.node_name ?? node ?? "";
        return name !== "" && condition.globs.some((glob) => nodeGlobMatches(glob, name));
      };
    case "trace-id":
      return (flow) => condition.values.includes(flow.trace_context?.parent?.trace_id ?? "");
    case "uuid":
      return (flow) => condition.values.includes((flow.uuid ?? "").toLowerCase());
    case "interface":
      return (flow) => {
        const have = flow.interface;
        if (have === undefined) return false;
        return condition.interfaces.some(
          (want) =>
            (want.index === 0 || want.index === (have.index ?? 0)) &&
            (want.name === "" || want.name === (have.name ?? "")),
        );
      };
    case "ip-trace-id":
      return (flow) => condition.values.includes(BigInt(flow.ip_trace_id?.trace_id ?? 0));
    case "policy":
      return (flow, _node, story) =>
        [
          ...(flow.egress_allowed_by ?? []),
          ...(flow.ingress_allowed_by ?? []),
          ...(flow.egress_denied_by ?? []),
          ...(flow.ingress_denied_by ?? []),
          ...(story?.policies ?? []),
        ].some((have) =>
          condition.names.some((want) =>
            policyGlobMatches(want, have.namespace ?? "", have.name ?? ""),
          ),
        );
    case "problem":
      return (_flow, _node, story) => story !== undefined && condition.ids.includes(story.problem);
  }
}

/** Whether a selection asks what only explanations tell; they come some time after the flows. */
export function needsStory({ allow, deny }: FlowSelection): boolean {
  return [...allow, ...deny].some(
    ({ policy, problem }) => (policy?.length ?? 0) > 0 || (problem?.length ?? 0) > 0,
  );
}

function compileRegex(
  condition: Extract<Condition, { patterns: readonly string[] }>,
  options: MatchOptions,
): FlowMatcher {
  const compiled = condition.patterns.map((pattern) => compilePattern(pattern, options.regex));
  const any = (text: string): boolean => compiled.some((regex) => regex.test(text));
  switch (condition.on) {
    case "dns-query":
      return (flow) => flow.l7?.dns !== undefined && any(flow.l7.dns.query ?? "");
    case "http-url":
      return (flow) => (flow.l7?.http?.url ?? "") !== "" && any(flow.l7?.http?.url ?? "");
    case "http-path":
      return (flow) => {
        const path = urlPath(flow.l7?.http?.url ?? "");
        return path !== undefined && any(path);
      };
  }
}

function anyPrefix(names: readonly NamePrefix[], namespace: string, name: string): boolean {
  if (namespace === "" && name === "") return false;
  return names.some(
    (want) =>
      (want.namespace === "" || want.namespace === namespace) && name.startsWith(want.prefix),
  );
}

function has(values: readonly number[], value: number | undefined): boolean {
  return value !== undefined && values.includes(value);
}
