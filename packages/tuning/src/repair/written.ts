import type { FixEdit, FixFile } from "@dropscope/model";
import {
  applyEdits,
  createPatch,
  jsonPointer,
  type PatchOperation,
  type TextEdit,
  unifiedDiff,
} from "@dropscope/policy";
import { stringify } from "yaml";
import { nameOf, type PolicyId } from "./candidate.js";
import type { ChangedObject, Draft } from "./draft.js";
import { record, valueAt } from "./path.js";

export interface Written {
  readonly edits: readonly FixEdit[];
  readonly files: readonly FixFile[];
}

/** File of a policy that is not there yet, as the diff is to name it. */
export type FileFor = (policy: PolicyId) => string;

/**
 * The draft as changes of the texts that the policies are written in, comments and layout kept.
 * Undefined where a text cannot be changed so: the place is written with an alias, say.
 */
export function written(draft: Draft, fileFor: FileFor): Written | undefined {
  const files = new Map<string, { before: string; edits: TextEdit[]; isNew: boolean }>();
  for (const { source, policy, operations, value } of draft.changed.values()) {
    if (source === undefined) {
      const text = stringify(value);
      const path = fileFor(policy);
      if (files.has(path)) return undefined;
      files.set(path, {
        before: "",
        edits: [{ start: 0, end: 0, replacement: text }],
        isNew: true,
      });
      continue;
    }
    const patch = createPatch(source, operations);
    if (patch === undefined) return undefined;
    // Of standard input nobody has the whole: the document alone is shown.
    const isPiped = patch.file === "-";
    const [start, end] = isPiped ? source.range : [0, source.text.length];
    const path = isPiped ? `${policy.name}.yaml` : patch.file;
    const file = files.get(path) ?? {
      before: source.text.slice(start, end),
      edits: [],
      isNew: false,
    };
    files.set(path, file);
    file.edits.push({
      ...patch.edit,
      start: patch.edit.start - start,
      end: patch.edit.end - start,
    });
  }
  const all: FixFile[] = [];
  for (const [path, { before, edits, isNew }] of files) {
    const { text, left } = applyEdits(before, edits);
    if (left.length > 0) return undefined;
    all.push({ path, isNew, diff: unifiedDiff(before, text, path), yaml: text });
  }
  return { edits: editsOf(draft), files: all };
}

function editsOf({ edits, changed }: Draft): FixEdit[] {
  const seen = new Set<string>();
  return edits.map(({ kind, policy, title, operations = [] }) => {
    const change = changed.get(nameOf(policy));
    const isFirst = !seen.has(nameOf(policy));
    seen.add(nameOf(policy));
    const { namespace, name } = policy;
    return {
      kind,
      policy: { kind: policy.kind, namespace, name },
      title,
      isNew: change?.source === undefined,
      command: change === undefined ? "" : commandOf(change, operations, isFirst),
    };
  });
}

/** Plural names and groups, as kubectl takes them wherever two groups have a kind of the same name. */
const RESOURCES: Readonly<Record<PolicyId["kind"], string>> = {
  NetworkPolicy: "networkpolicies.networking.k8s.io",
  CiliumNetworkPolicy: "ciliumnetworkpolicies.cilium.io",
  CiliumClusterwideNetworkPolicy: "ciliumclusterwidenetworkpolicies.cilium.io",
  AdminNetworkPolicy: "adminnetworkpolicies.policy.networking.k8s.io",
  BaselineAdminNetworkPolicy: "baselineadminnetworkpolicies.policy.networking.k8s.io",
  ClusterNetworkPolicy: "clusternetworkpolicies.policy.networking.k8s.io",
};

function commandOf(
  { policy, source, value }: ChangedObject,
  operations: readonly PatchOperation[],
  isFirst: boolean,
): string {
  if (source === undefined) return `kubectl apply -f - <<'EOF'\n${stringify(value)}EOF`;
  const where = policy.namespace === "" ? "" : ` --namespace ${quoted(policy.namespace)}`;
  const guard = isFirst ? guardOf(source.value, operations) : [];
  const patch = JSON.stringify([...guard, ...operations.map(jsonPatch)]);
  return `kubectl patch ${RESOURCES[policy.kind]} ${quoted(policy.name)}${where} --type json --patch ${quoted(patch)}`;
}

/**
 * A patch names a rule by its number: it must fail where another rule has come to that place meanwhile.
 * Peers are what the API server stores as they were written; ports get defaults.
 */
function guardOf(value: unknown, operations: readonly PatchOperation[]): Record<string, unknown>[] {
  const [first] = operations;
  const path = first === undefined ? [] : "from" in first ? first.from : first.path;
  const at = path.findIndex((part) => /^(in|e)gress(Deny)?$/.test(String(part)));
  if (at < 0 || typeof path[at + 1] !== "number") return [];
  const rule = path.slice(0, at + 2);
  const peers = Object.keys(record(valueAt(value, rule))).find(
    (key) => /^(from|to)/.test(key) && key !== "toPorts",
  );
  if (peers === undefined) return [];
  const place = [...rule, peers];
  return [{ op: "test", path: jsonPointer(place), value: valueAt(value, place) }];
}

/** RFC 6902 */
function jsonPatch(operation: PatchOperation): Record<string, unknown> {
  const { op, path } = operation;
  return {
    op,
    ...("from" in operation ? { from: jsonPointer(operation.from) } : {}),
    path: jsonPointer(path),
    ...("value" in operation ? { value: operation.value } : {}),
  };
}

/** For a POSIX shell. */
function quoted(text: string): string {
  return /^[\w./:-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
