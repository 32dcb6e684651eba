import type { PolicyRef } from "@dropscope/model";
import type { Peer, Pod } from "../cluster/types.js";
import { seenFrom } from "../cluster/world.js";
import type { AskedEnd, EngineVerdict, PolicyEngine, PolicyFile } from "./engine.js";
import {
  allowAny,
  matchTypeOf,
  policyRef,
  UNPOLICED,
  type Judge,
  type Judgement,
} from "./judge.js";

/** What is in force by the name of its file, for an engine to judge by. */
export interface Obeyed {
  readonly judge: Judge;
  /** What changed is read before the next connection is judged. */
  changed(): void;
}

/** Number and uid that Cilium gives the policies of a file. */
export interface FileNumbers {
  readonly uid: string;
  readonly revision: number;
}

/**
 * A data path that obeys whatever policies there are, as an engine reads them.
 * @param files all that is in force, the cluster's own objects among them; in a stable order
 */
export function createObeyed(
  engine: PolicyEngine,
  files: () => readonly PolicyFile[],
  numbersOf: (file: string) => FileNumbers,
): Obeyed {
  let compiled: ReturnType<PolicyEngine["judgeBy"]> | undefined;
  let order = new Map<string, number>();
  // Traffic asks the same again and again: who may talk to whom is worked out once.
  let known = new Map<string, Judgement>();

  const compile = (): NonNullable<typeof compiled> => {
    if (compiled !== undefined) return compiled;
    const all = files();
    order = new Map(all.map(({ name }, at) => [name, at]));
    compiled = engine.judgeBy(all);
    return compiled;
  };

  const refsOf = (by: EngineVerdict["by"]): PolicyRef[] => {
    const refs = new Map<string, PolicyRef>();
    for (const { kind, namespace, name, file } of by)
      refs.set(
        `${kind}/${namespace}/${name}`,
        policyRef({ policy: { kind, metadata: { name, namespace } }, ...numbersOf(file) }),
      );
    return [...refs.values()];
  };

  const judgementOf = (verdict: EngineVerdict, direction: "ingress" | "egress"): Judgement => {
    const by = verdict.by.toSorted((a, b) => (order.get(a.file) ?? 0) - (order.get(b.file) ?? 0));
    const [first] = by;
    switch (verdict.decision) {
      case "unpoliced":
        return UNPOLICED;
      case "default-deny":
        return { decision: "default-deny", policies: [], matchType: 0 };
      case "allow":
      case "redirect":
      case "deny-rule":
        if (first === undefined) return allowAny(direction);
        return {
          decision: verdict.decision,
          policies: refsOf(by),
          matchType: matchTypeOf(first.peers, first.ports),
        };
    }
  };

  return {
    changed() {
      compiled = undefined;
      known = new Map();
    },
    judge: {
      judge(direction, subject, peer, protocol, port) {
        const key = `${direction} ${subject.name} ${keyOf(peer)} ${protocol} ${port}`;
        const before = known.get(key);
        if (before !== undefined) return before;
        const own = endOf(subject, subject);
        const other = endOf(peer, subject);
        const [from, to] = direction === "egress" ? [own, other] : [other, own];
        const verdict = compile()({ direction, from, to, protocol, port });
        const judgement = judgementOf(verdict, direction);
        known.set(key, judgement);
        return judgement;
      },
    },
  };
}

function keyOf(peer: Peer): string {
  return peer.kind === "pod" ? `${peer.namespace}/${peer.name}` : `${peer.kind} ${peer.ip}`;
}

/** As the agent of the judging pod's node knows it. */
function endOf(peer: Peer, judging: Pod): AskedEnd {
  const labels = seenFrom(peer, judging.node).labels ?? [];
  const base = { labels, address: peer.ip, namespace: "", names: [], ports: [] } as const;
  switch (peer.kind) {
    case "pod":
      return {
        ...base,
        kind: "pod",
        name: `${peer.namespace}/${peer.name}`,
        namespace: peer.namespace,
        ports: peer.workload.ports,
      };
    case "host":
      return { ...base, kind: peer.node === judging.node ? "host" : "remote-node", name: peer.ip };
    case "health":
      return { ...base, kind: "reserved", name: "health" };
    case "outside":
      return {
        ...base,
        kind: "address",
        name: peer.ip,
        names: peer.name === "" ? [] : [peer.name],
      };
  }
}
