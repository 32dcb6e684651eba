import { LOCAL_VIEWER } from "@dropscope/model";
import type { ObjectReader, ObjectVersionRow, StoredVersion } from "@dropscope/store";
import type { Redactor } from "../redact/redactor.js";
import type { IncidentRange } from "./range.js";
import { fileTime, momentText, msOf } from "./times.js";

/** What was so long before the incident still belongs to it: the policy that changed an hour before. */
const LEAD_MS = 24 * 3_600_000;
/** Of pods, of which there are many, only what the first flows may need. */
const POD_LEAD_MS = 15 * 60_000;
const MOST_POLICY_FILES = 5_000;
const PER_QUERY = 200;

const POLICY_KINDS = new Set([
  "NetworkPolicy",
  "CiliumNetworkPolicy",
  "CiliumClusterwideNetworkPolicy",
  "AdminNetworkPolicy",
  "BaselineAdminNetworkPolicy",
  "ClusterNetworkPolicy",
  "CiliumCIDRGroup",
]);

export interface ObjectSource {
  readonly objects: ObjectReader;
  readonly range: IncidentRange;
  readonly redactor: Redactor;
  readonly signal: AbortSignal;
}

/**
 * Versions that hold in the range or shortly before it. What happened after the range is not told:
 * one that ended later still holds.
 */
export async function versionsIn({
  objects,
  range,
  signal,
}: ObjectSource): Promise<ObjectVersionRow[]> {
  const until = msOf(range.until);
  const since = msOf(range.since);
  const query = { viewer: LOCAL_VIEWER, since: since - LEAD_MS, until };
  const found = await objects.versions(query, signal);
  return found
    .filter(({ kind, to }) => kind !== "Pod" || to >= since - POD_LEAD_MS)
    .map((version) => asOf(version, until));
}

function asOf<Version extends ObjectVersionRow>(version: Version, until: number): Version {
  return version.to > until ? { ...version, to: Number.POSITIVE_INFINITY } : version;
}

export function* versionLines(
  versions: readonly ObjectVersionRow[],
  redactor: Redactor,
): Iterable<string> {
  for (const one of versions)
    yield `${JSON.stringify({
      kind: one.kind,
      namespace: redactor.name(one.namespace),
      name: redactor.name(one.name),
      uid: one.uid === "" ? "" : redactor.id(one.uid),
      from: momentText(one.from),
      to: momentText(one.to),
      content: redactor.id(one.content),
      resource_version: one.resourceVersion,
      source: one.source,
    })}\n`;
}

/** What the versions say, each once, kind by kind: only one kind is held in memory. */
export async function* contentLines(
  source: ObjectSource,
  versions: readonly ObjectVersionRow[],
  counts: { contents: number },
): AsyncIterable<string> {
  const { redactor } = source;
  for (const [kind, hashes] of hashesByKind(versions)) {
    const specs = await specsOf(source, kind, hashes);
    const all = [...specs.keys()].sort();
    for (let at = 0; at < all.length; at += PER_QUERY) {
      const some = all.slice(at, at + PER_QUERY);
      const texts = await manifestsOf(source, some);
      for (const hash of some) {
        counts.contents += 1;
        yield `${JSON.stringify({
          hash: redactor.id(hash),
          kind,
          spec: redactor.object(specs.get(hash)),
          manifest: redactor.manifest(texts.get(hash) ?? ""),
        })}\n`;
      }
    }
  }
}

async function specsOf(
  { objects, range, signal }: ObjectSource,
  kind: string,
  hashes: ReadonlySet<string>,
): Promise<Map<string, unknown>> {
  const query = {
    viewer: LOCAL_VIEWER,
    since: msOf(range.since) - LEAD_MS,
    until: msOf(range.until),
    kinds: [kind],
  };
  const found: StoredVersion[] = await objects.loadVersions(query, signal);
  return new Map(
    found.flatMap(({ content, spec }) => (hashes.has(content) ? [[content, spec] as const] : [])),
  );
}

async function manifestsOf(
  { objects, signal }: ObjectSource,
  hashes: readonly string[],
): Promise<Map<string, string>> {
  return objects.manifests(hashes, LOCAL_VIEWER, signal);
}

function hashesByKind(versions: readonly ObjectVersionRow[]): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const { kind, content } of versions) {
    const hashes = found.get(kind);
    if (hashes) hashes.add(content);
    else found.set(kind, new Set([content]));
  }
  return found;
}

/** When everything of a kind was known, as far as that was known at the end of the range. */
export async function* watchLines({ objects, range, signal }: ObjectSource): AsyncIterable<string> {
  const [since, until] = [msOf(range.since), msOf(range.until)];
  for (const one of await objects.watches({ since: since - LEAD_MS, until }, signal))
    yield `${JSON.stringify({
      source: one.source,
      kind: one.kind,
      listed_at: momentText(one.listedAt),
      until: momentText(Math.min(one.until, until)),
    })}\n`;
}

/** A policy as people read it. */
export interface PolicyFile {
  readonly name: string;
  readonly version: ObjectVersionRow;
}

/** Policies that held in the range, with names that any file system takes. */
export function policyFiles(
  versions: readonly ObjectVersionRow[],
  { since }: IncidentRange,
  redactor: Redactor,
): PolicyFile[] {
  const taken = new Set<string>();
  const from = msOf(since);
  return versions
    .filter(({ kind, to }) => POLICY_KINDS.has(kind) && to >= from)
    .slice(0, MOST_POLICY_FILES)
    .map((version) => {
      const folder = version.namespace === "" ? "_cluster" : redactor.name(version.namespace);
      const held = Number.isFinite(version.from) ? `.${fileTime(version.from)}` : "";
      const stem = `policies/${plain(folder)}/${version.kind}-${plain(redactor.name(version.name))}${held}`;
      let name = `${stem}.yaml`;
      for (let copy = 2; taken.has(name.toLowerCase()); copy += 1) name = `${stem}_${copy}.yaml`;
      taken.add(name.toLowerCase());
      return { name, version };
    });
}

export async function* policyText(
  source: ObjectSource,
  { version }: PolicyFile,
): AsyncIterable<string> {
  const texts = await manifestsOf(source, [version.content]);
  const text = source.redactor.manifest(texts.get(version.content) ?? "");
  yield text === "" || text.endsWith("\n") ? text : `${text}\n`;
}

/** Letters, digits, `_`, `.` and `-`; no dot at the beginning. */
function plain(name: string): string {
  return (
    name
      .replaceAll(/[^\w.-]/g, "_")
      .replace(/^\.+/, "_")
      .slice(0, 200) || "_"
  );
}
