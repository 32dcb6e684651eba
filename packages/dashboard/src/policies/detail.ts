import type { PolicyAnswer, PolicyFinding, PolicyName, PolicyVersionText } from "@dropscope/model";
import { applyEdit, type Finding, unifiedDiff } from "@dropscope/policy";
import type { StoredVersion } from "@dropscope/store";
import { trendSpan, withTrends } from "../problems/list.js";
import { byImportance } from "../problems/order.js";
import { spanOf } from "../problems/texts.js";
import { Problem } from "../problem.js";
import { placeLines, type Placed } from "../world/lines.js";
import { type PolicyContext, problemsAround } from "./list.js";
import { denies, isolates, keyOf, policyOf } from "./policies-of.js";
import { createSelections } from "./selection.js";

const MOST_VERSIONS = 50;

/**
 * One policy over time. Undefined when there never was one, or none that the viewer may see.
 * @param then ms since 1970: as of which it is told, without what came later
 * @throws Problem 404 `POLICY_NOT_YET`
 */
export async function policyDetail(
  { knowledge, linter, worlds, viewer, signal }: PolicyContext,
  policy: PolicyName,
  now: number,
  then?: number,
): Promise<Omit<PolicyAnswer, "coverage"> | undefined> {
  const { kind, namespace, name } = policy;
  const query = { viewer, kinds: [kind], namespace, name };
  const all = await knowledge.objects.loadVersions(query, signal);
  const versions = knownBy(all, then ?? now)
    .toSorted((a, b) => b.from - a.from)
    .slice(0, MOST_VERSIONS);
  const [newest] = versions;
  if (newest === undefined) return undefined;
  // A policy that is gone is described as it was last, without the pods of the whole cluster of then.
  const isGone = newest.to <= (then ?? now);
  const at = isGone ? newest.to - 1 : (then ?? now);
  const pods = isGone && namespace !== "" ? [namespace] : "all";
  const [texts, world, problems] = await Promise.all([
    knowledge.objects.manifests(
      versions.map(({ content }) => content),
      viewer,
      signal,
    ),
    worlds.at(viewer, at, pods, signal),
    problemsAround(knowledge, viewer, then ?? now, signal),
  ]);
  const yaml = texts.get(newest.content) ?? "";
  const placed = placeLines(yaml, knowledge.profile.cluster);
  const lints = await linter.lints(world, viewer, signal);
  const found = lints.findings.get(keyOf(policy)) ?? [];
  const findings = found.map((finding) => findingOf(finding, yaml, placed, `${name}.yaml`));
  const one = policyOf(newest);
  const trend = trendSpan(undefined, then ?? now);
  const part = problems
    .filter((problem) => problem.policies.some((each) => keyOf(each) === keyOf(policy)))
    .toSorted(byImportance);
  return {
    policy,
    versions: versionTexts(versions, texts, findings.map(markOf)),
    findings,
    isolates: isolates(one.specs),
    denies: denies(one.specs),
    selects: createSelections(world).of(one),
    problems: await withTrends(knowledge, part, trend, signal),
    trend,
  };
}

/** Versions that had begun by a moment. */
function knownBy(versions: readonly StoredVersion[], at: number): StoredVersion[] {
  const known = versions.filter(({ from }) => from <= at);
  const first = Math.min(...versions.map(({ from }) => from));
  if (known.length > 0 || versions.length === 0) return known;
  const text = (ms: number): string => new Date(ms).toISOString();
  throw new Problem(
    404,
    "POLICY_NOT_YET",
    `At ${text(at)} there was no such policy: it is known since ${text(first)}.`,
    "Choose a later moment.",
  );
}

/** @param versions newest first */
function versionTexts(
  versions: readonly StoredVersion[],
  texts: ReadonlyMap<string, string>,
  marks: PolicyVersionText["marks"],
): PolicyVersionText[] {
  return versions.map((version, at) => {
    const yaml = texts.get(version.content) ?? "";
    const before = versions[at + 1];
    const { kind, namespace, name, source, resourceVersion } = version;
    return {
      policy: { kind, namespace, name },
      ...spanOf(version),
      source,
      resourceVersion,
      yaml,
      marks: at === 0 ? marks : [],
      diff:
        before === undefined
          ? ""
          : unifiedDiff(texts.get(before.content) ?? "", yaml, `${name}.yaml`),
    };
  });
}

function findingOf(finding: Finding, yaml: string, placed: Placed, file: string): PolicyFinding {
  const { id, severity, message, fix, place, patch } = finding;
  const lines = placed.linesOf(place.path);
  return {
    id,
    severity,
    message,
    fix,
    // The place itself may be finer than its path: a key beside others.
    first: Math.max(1, place.line),
    last: Math.max(place.line, lines.first <= place.line ? lines.last : place.line),
    path: place.path,
    diff: patch === undefined ? "" : unifiedDiff(yaml, applyEdit(yaml, patch.edit), file),
  };
}

function markOf({ first, last, path, id, message }: PolicyFinding): PolicyVersionText["marks"][0] {
  return { first, last, role: "finding", path, text: `${id}: ${message}` };
}
