import type { DropExplanation, LineMark, PolicyName, PolicyText, Viewer } from "@dropscope/model";
import type { ObjectVersionRow } from "@dropscope/store";
import type { Knowledge } from "../knowledge.js";
import { placeLines } from "../world/lines.js";

const MOST_POLICIES = 12;

/**
 * The policies that an explanation names, as they were at its time, with the clauses marked that
 * decided or came nearest. Those that isolate and those that were near come first.
 */
export async function policyTexts(
  { objects, profile }: Pick<Knowledge, "objects" | "profile">,
  explanation: DropExplanation,
  viewer: Viewer,
  signal: AbortSignal,
): Promise<PolicyText[]> {
  const names = namesOf(explanation).slice(0, MOST_POLICIES);
  const at = Date.parse(explanation.time);
  const range = Number.isFinite(at) ? { since: at, until: at } : {};
  const versions = await Promise.all(
    names.map(async ({ kind, namespace, name }) => {
      const query = { viewer, ...range, kinds: [kind], namespace, name };
      return (await objects.versions(query, signal)).at(-1);
    }),
  );
  const texts = await objects.manifests(
    versions.flatMap((version) => (version === undefined ? [] : [version.content])),
    viewer,
    signal,
  );
  return names.map((policy, at) => {
    const version = versions[at];
    const yaml = (version && texts.get(version.content)) ?? "";
    const { from, to } = spanOf(version);
    return {
      policy,
      from,
      to,
      source: version?.source ?? "",
      yaml,
      marks: yaml === "" ? [] : marksOf(explanation, policy, yaml, profile.cluster),
    };
  });
}

export function spanOf(
  version: Pick<ObjectVersionRow, "from" | "to"> | undefined,
): Pick<PolicyText, "from" | "to"> {
  const { from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY } = version ?? {};
  return { from: Number.isFinite(from) ? from : null, to: Number.isFinite(to) ? to : null };
}

function namesOf({ denying, nearest, selecting, places }: DropExplanation): PolicyName[] {
  const near = places
    .filter(({ role, policy }) => role === "nearest" && nameText(policy) === nearest?.policy)
    .map(({ policy }) => policy);
  const found = new Map<string, PolicyName>();
  for (const { kind, namespace, name } of [...denying, ...near, ...selecting])
    found.set(`${kind} ${namespace}/${name}`, { kind, namespace, name });
  return [...found.values()];
}

const nameText = ({ namespace, name }: PolicyName): string =>
  namespace === "" ? name : `${namespace}/${name}`;

function marksOf(
  explanation: DropExplanation,
  policy: PolicyName,
  yaml: string,
  cluster: string,
): LineMark[] {
  const placed = placeLines(yaml, cluster);
  const marks = explanation.places
    .filter((place) => nameKey(place.policy) === nameKey(policy))
    .map(({ path, role }): LineMark => {
      const { first, last } = placed.linesOf(path);
      return { first, last, role, path, text: "" };
    });
  const failed = explanation.nearest?.failed ?? [];
  const seen = new Set<string>();
  return marks.flatMap((mark) => {
    const key = `${mark.first}-${mark.last} ${mark.role}`;
    if (seen.has(key)) return [];
    seen.add(key);
    if (mark.role !== "nearest") return [mark];
    const near = marks.filter(({ role }) => role === "nearest");
    // Which place tells which clause is known only where there is one for each.
    const clause = near.length === failed.length ? failed[near.indexOf(mark)] : undefined;
    return [clause ? { ...mark, text: `wanted ${clause.wanted}, got ${clause.got}` } : mark];
  });
}

const nameKey = ({ kind, namespace, name }: PolicyName): string => `${kind} ${namespace}/${name}`;
