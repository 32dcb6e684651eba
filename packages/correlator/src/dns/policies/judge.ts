import type { DropExplanation, Flow, PolicyName } from "@dropscope/model";
import type { Profile } from "@dropscope/policy";
import { type Case, caseOf } from "../../explain/case.js";
import type { History } from "../../explain/catalog.js";
import { createExplainer } from "../../explain/explainer.js";
import { createMemory, type Revisions } from "../../explain/memory.js";
import type { Moment } from "../../explain/moment.js";
import type { Answer, DroppedQuery, OtherDrop, PassedQuery, Request } from "../read/observation.js";
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

  const caseAt = (flow: Flow, time: number): Case => caseOf(flow, memory.momentAt(time), true);
  /** Moments between two changes share their functions: what was found for one holds for all. */
  const once = <Value>(one: Case, what: string, make: () => Value): Value => {
    const { moment, from, to, layer, direction } = one;
    // oxlint-disable-next-line typescript/unbound-method -- only which function it is counts
    const epoch = moment.policiesOf;
    let known = remembered.get(epoch);
    if (known === undefined) remembered.set(epoch, (known = new Map()));
    const ends = [from, to].map(({ endpoint }) => [
      endpoint.kind,
      endpoint.labels.texts,
      endpoint.kind === "pod" ? 0 : endpoint.addresses,
      endpoint.ports,
    ]);
    const key = JSON.stringify([what, ends, layer, direction]);
    if (known.has(key)) return known.get(key) as Value;
    if (known.size >= MAX_REMEMBERED) known.clear();
    const value = make();
    known.set(key, value);
    return value;
  };

  return {
    drop: (seen, explanation) => {
      const { flow, time, server, port, direction, protocol } = seen;
      const one = caseAt(flow, time);
      const why = explanation ?? explainer.explain(flow);
      const what = JSON.stringify(["drop", why.outcome, why.selecting, why.denying, server.kind]);
      return once(one, `${what} ${direction}`, () =>
        judgeDrop(one, why, { server, port, direction, protocol }),
      );
    },
    refusal: (seen) => {
      const { flow, time, query, refused, client, port } = seen;
      const one = caseAt(flow, time);
      const asked = { query, refused, namespace: client.namespace, clusterDomain, port };
      return once(one, JSON.stringify(["refusal", asked]), () => judgeRefusal(one, asked));
    },
    names: (seen) => {
      const one = caseAt(seen.flow, seen.time);
      return once(one, "names", () => judgeNames(one));
    },
    outside: (seen) => {
      const one = caseAt(seen.flow, seen.time);
      return once(one, "outside", () => subjectOfNames(one));
    },
  };
}
