import type {
  DropExplanation,
  FailedClause,
  LineMark,
  PolicyName,
  PolicyText,
  Viewer,
} from "@dropscope/model";
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
  const isNearest = nameText(policy) === explanation.nearest?.policy;
  return withClauses(marks, isNearest ? (explanation.nearest?.failed ?? []) : [], yaml.split("\n"));
}

/** Says at the marks of the nearest rule what was wanted there; those with nothing to say go. */
function withClauses(
  marks: readonly LineMark[],
  failed: readonly FailedClause[],
  lines: readonly string[],
): LineMark[] {
  const near = marks.filter(({ role }) => role === "nearest");
  const said = new Map<LineMark, string[]>();
  for (const { wanted, got } of failed) {
    const mark = bestOf(near, wanted, lines);
    if (mark) said.set(mark, [...(said.get(mark) ?? []), `wanted ${wanted}, got ${got}`]);
  }
  const seen = new Set<string>();
  return marks.flatMap((mark): LineMark[] => {
    const key = `${mark.first}-${mark.last} ${mark.role}`;
    const text = said.get(mark)?.join("; ") ?? "";
    if (seen.has(key) || (mark.role === "nearest" && text === "" && said.size > 0)) return [];
    seen.add(key);
    return [{ ...mark, text }];
  });
}

/** The place whose lines hold most of what was wanted; of equal ones the smallest. */
function bestOf(
  marks: readonly LineMark[],
  wanted: string,
  lines: readonly string[],
): LineMark | undefined {
  const words = wanted.split(/[^\w./-]+/).filter((word) => word !== "");
  const score = ({ first, last }: LineMark): number => {
    const text = lines.slice(first - 1, last).join("\n");
    return words.filter((word) => text.includes(word)).length - (last - first) / 1000;
  };
  return marks.toSorted((a, b) => score(b) - score(a))[0];
}

const nameKey = ({ kind, namespace, name }: PolicyName): string => `${kind} ${namespace}/${name}`;
