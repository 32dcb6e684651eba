import type { ChangeMark } from "@dropscope/model";
import type { ObjectVersionRow } from "@dropscope/store";
import type { Redactor } from "../redact/redactor.js";

const WHAT: Readonly<Record<string, ChangeMark["what"]>> = {
  Namespace: "namespace",
  CiliumCIDRGroup: "cidr-group",
};
/** Pods, services and nodes come and go with every rollout. */
const LEFT_OUT = new Set(["Pod", "Service", "Node"]);

/** What happened to policies and namespaces between two moments (ms), oldest first. @param versions by object, then by time */
export function changesIn(
  versions: readonly ObjectVersionRow[],
  since: number,
  until: number,
  redactor: Redactor,
): ChangeMark[] {
  const marks: { at: number; mark: ChangeMark }[] = [];
  const put = (one: ObjectVersionRow, at: number, action: ChangeMark["action"]): void => {
    if (at < since || at > until) return;
    const { kind } = one;
    marks.push({
      at,
      mark: {
        time: new Date(at).toISOString(),
        what: WHAT[kind] ?? "policy",
        action,
        kind,
        namespace: redactor.name(one.namespace),
        name: redactor.name(one.name),
      },
    });
  };
  const isSame = (a: ObjectVersionRow | undefined, b: ObjectVersionRow | undefined): boolean =>
    a?.kind === b?.kind && a?.namespace === b?.namespace && a?.name === b?.name;
  for (const [at, one] of versions.entries()) {
    if (LEFT_OUT.has(one.kind)) continue;
    const before = isSame(versions[at - 1], one) ? versions[at - 1] : undefined;
    const after = isSame(versions[at + 1], one) ? versions[at + 1] : undefined;
    const follows = before !== undefined && before.to >= one.from;
    if (Number.isFinite(one.from)) put(one, one.from, follows ? "changed" : "added");
    if (Number.isFinite(one.to) && (after === undefined || after.from > one.to))
      put(one, one.to, "removed");
  }
  return marks.sort((a, b) => a.at - b.at).map(({ mark }) => mark);
}
