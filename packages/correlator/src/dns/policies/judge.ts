import { type DropExplanation, type Flow, peerOf, type PolicyName } from "@dropscope/model";
import type { Profile, Revisions } from "@dropscope/policy";
import { type Case, caseOf } from "../../explain/case.js";
import type { History } from "../../explain/catalog.js";
import { createExplainer } from "../../explain/explainer.js";
import { createMemory } from "../../explain/memory.js";
import type { Moment } from "../../explain/moment.js";
import type {
  Answer,
  DroppedQuery,
  Observation,
  OtherDrop,
  PassedQuery,
  Request,
} from "../read/observation.js";
import { type DropVerdict, judgeDrop } from "./drop-verdict.js";
import { judgeNames } from "./fqdn-rules.js";
import { type OutsideSubject, subjectOfNames } from "./outside.js";
import { judgeRefusal, type RefusalVerdict } from "./refusal.js";

/** What the rules ask of the policies, each at the flow's own time. */
export interface DnsPolicies {
  readonly history: History;
  readonly profile: Profile;
  /** Numbers that change whenever the history hears of something; see `ExplainerOptions`. */
  readonly revisions?: () => Revisions;
}

export interface Judge {
  /** @param explanation of the same drop, where it is known already */
  drop(seen: DroppedQuery, explanation?: DropExplanation): DropVerdict;
  refusal(seen: Request | Answer): RefusalVerdict | undefined;
  /** Policies with toFQDNs rules whose client asks past the DNS proxy; undefined when all is well. */
  names(seen: PassedQuery | DroppedQuery): readonly PolicyName[] | undefined;
  /** The client, when it has toFQDNs rules at all. */
  outside(seen: OtherDrop): OutsideSubject | undefined;
}

/** Answers that are remembered for one state of the policies. */
const MAX_REMEMBERED = 4096;

export function createJudge(policies: DnsPolicies, clusterDomain: string): Judge {
  const { history, profile, revisions } = policies;
  const memory = createMemory(history, profile, revisions);
  const explainer = createExplainer({ history, profile, ...(revisions && { revisions }) });
  const remembered = new WeakMap<Moment["policiesOf"], Map<string, unknown>>();

  const caseAt = ({ flow }: Observation, moment: Moment): Case => caseOf(flow, moment, true);
  /** Moments between two changes share their functions: what was found for one holds for all. */
  const once = <Value>(
    seen: Observation,
    what: readonly unknown[],
    make: (moment: Moment) => Value,
  ): Value => {
    const moment = memory.momentAt(seen.time);
    // oxlint-disable-next-line typescript/unbound-method -- only which function it is counts
    const epoch = moment.policiesOf;
    let known = remembered.get(epoch);
    if (known === undefined) remembered.set(epoch, (known = new Map()));
    const key = JSON.stringify([
      what,
      endKey(seen.flow, "source"),
      endKey(seen.flow, "destination"),
    ]);
    if (known.has(key)) return known.get(key) as Value;
    if (known.size >= MAX_REMEMBERED) known.clear();
    const value = make(moment);
    known.set(key, value);
    return value;
  };

  return {
    drop: (seen, explanation) => {
      const { flow, server, port, protocol } = seen;
      const why = explanation ?? explainer.explain(flow);
      const direction = seen.direction ?? (why.direction || "egress");
      const asked = { server, port, direction, protocol };
      const facts = ["drop", why.outcome, why.selecting, why.denying, why.nearest, asked];
      return once(seen, facts, (moment) => judgeDrop(caseAt(seen, moment), why, asked));
    },
    refusal: (seen) => {
      const { query, refused, client, port, protocol, kind } = seen;
      const asked = { query, refused, namespace: client.namespace, clusterDomain, port };
      return once(seen, ["refusal", asked, protocol, kind], (moment) =>
        judgeRefusal(caseAt(seen, moment), asked),
      );
    },
    names: (seen) =>
      once(seen, ["names", seen.protocol, seen.port], (moment) => judgeNames(caseAt(seen, moment))),
    outside: (seen) => once(seen, ["outside"], (moment) => subjectOfNames(caseAt(seen, moment))),
  };
}

/** All of an end that a case makes something of; the pod itself matters only where nothing else is told. */
function endKey(flow: Flow, side: "source" | "destination"): readonly unknown[] {
  const { labels = [], namespace, cluster_name, identity, pod_name } = flow[side] ?? {};
  const isPod = pod_name !== undefined && labels.length > 0;
  const owner = isPod
    ? peerOf(flow, side).name
    : [pod_name, flow.IP?.[side], flow[`${side}_names`]];
  return [labels, namespace, cluster_name, identity, owner];
}
