import { nearest } from "@dropscope/model";
import type { Manifests, ManifestProblem, SourceObject } from "../objects.js";
import { readDocuments } from "../source/documents.js";
import { createReread, objectsOf, type RawObject, sourceObject } from "../source/objects.js";
import { isRecord } from "../source/record.js";
import { child, placeOf, type Slot } from "../source/slot.js";
import { checkFields, isAbsent, readText } from "./fields.js";
import { type Contribution, type Kind, KINDS, POLICY_API, POLICY_GROUPS } from "./kinds.js";
import { wrongDnsLabel, wrongDnsSubdomain } from "./names.js";
import { createReport, type Report, show } from "./report.js";

export interface ParseOptions {
  /** Namespace of namespaced objects that name none; `default` when not given. */
  readonly namespace?: string;
  /** Name of the cluster whose policies are read: what a selector without a cluster is limited to. `default` when not given. */
  readonly cluster?: string;
  /**
   * Only warn of names that the API server would refuse: offline analyzers, whose
   * expectations dropscope is held against, take objects of any name.
   */
  readonly lenientNames?: boolean;
}

type Lists = { -readonly [Part in keyof Required<Contribution>]: unknown[] };

/**
 * Reads manifests from YAML or JSON: many documents, `List` objects, comments.
 * Never throws: what is wrong becomes a problem with its place, an object that
 * the API server (or Cilium) would refuse is not among the results, and kinds
 * that say nothing about connectivity are passed over.
 */
export function parseManifests(text: string, file: string, options: ParseOptions = {}): Manifests {
  const source = readDocuments(text, file);
  const problems: ManifestProblem[] = [...source.problems];
  const sources: SourceObject[] = [];
  const reread = createReread(text, file, source.lines);
  const lists: Lists = {
    policies: [],
    namespaces: [],
    workloads: [],
    services: [],
    nodes: [],
    cidrGroups: [],
    publications: [],
    backends: [],
  };
  for (const document of source.documents)
    for (const raw of objectsOf(document)) {
      if (!isRecord(raw.root.value)) {
        if (raw.root.value !== null) problems.push(notAnObject(raw));
        continue;
      }
      const read = readObject(raw, options, problems);
      sources.push(sourceObject(raw, text, read.object, reread));
      for (const [part, found] of Object.entries(read.contribution) as [keyof Lists, unknown[]][])
        lists[part].push(...found);
    }
  return { ...(lists as unknown as Required<Contribution>), problems, sources };
}

interface ReadObject {
  readonly object: { readonly namespace: string; readonly name: string };
  readonly contribution: Contribution;
}

function readObject(
  raw: RawObject,
  options: ParseOptions,
  problems: ManifestProblem[],
): ReadObject {
  const { apiVersion, kind: kindName, root } = raw;
  const slash = apiVersion.indexOf("/");
  const group = slash < 0 ? "" : apiVersion.slice(0, slash);
  const kind = KINDS.get(slash < 0 ? kindName : `${group}/${kindName}`);
  const metadata = child(root, "metadata");
  const named = {
    name: text(child(metadata, "name")),
    namespace: kind?.namespaced
      ? text(child(metadata, "namespace")) || (options.namespace ?? "default")
      : "",
  };
  const report = createReport({ kind: kindName, ...named }, problems);
  if (!kind) {
    warnOfKind(report, root, group, kindName);
    // Other kinds tell lints what cluster this is: its plugin, its webhooks, who may use the API.
    return {
      object: { ...named, namespace: text(child(metadata, "namespace")) },
      contribution: {},
    };
  }
  checkVersion(report, root, kind, { group, kind: kindName, version: apiVersion.slice(slash + 1) });
  checkMetadata(report, kind, metadata, options.lenientNames === true);
  if (POLICY_API.has(kindName)) checkEnvelope(report, root, metadata);
  const uid = text(child(metadata, "uid"));
  const input = {
    root,
    report,
    object: named,
    uid: uid === "" ? {} : { uid },
    cluster: options.cluster ?? "default",
  };
  const contribution = report.failed ? {} : kind.read(input);
  return { object: named, contribution: report.failed ? {} : contribution };
}

function checkMetadata(report: Report, kind: Kind, metadata: Slot, lenient: boolean): void {
  const slot = child(metadata, "name");
  const name = readText(report, slot);
  if (!name) {
    if (isAbsent(slot) || name === "")
      report.error("NO_NAME", metadata, "no metadata.name", "Give the object a name.");
    return;
  }
  const namespace = child(metadata, "namespace");
  const checks = [
    { at: slot, text: name, wrong: wrongDnsSubdomain(name) },
    {
      at: namespace,
      text: readText(report, namespace) ?? "",
      wrong: kind.namespaced ? wrongNamespace(namespace) : undefined,
    },
  ];
  for (const { at, text: written, wrong } of checks)
    if (wrong)
      report[lenient ? "warn" : "error"](
        "BAD_NAME",
        at,
        `${show(written)} is not a name: it ${wrong}`,
        "Correct the name.",
      );
}

const knownOfObject = new Set(["apiVersion", "kind", "metadata", "spec", "specs", "status"]);
const knownOfMetadata = new Set([
  "name",
  "namespace",
  "labels",
  "annotations",
  "uid",
  "resourceVersion",
  "generation",
  "creationTimestamp",
  "deletionTimestamp",
  "deletionGracePeriodSeconds",
  "finalizers",
  "generateName",
  "managedFields",
  "ownerReferences",
  "selfLink",
]);

/** A misspelt `namespace` or `spec` makes another policy of it, and nothing else would tell. */
function checkEnvelope(report: Report, root: Slot, metadata: Slot): void {
  checkFields(report, root, knownOfObject);
  checkFields(report, metadata, knownOfMetadata);
}

function wrongNamespace(slot: Slot): string | undefined {
  const name = text(slot);
  return name === "" ? undefined : wrongDnsLabel(name);
}

interface TypeName {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** The API server knows no other versions; of workloads old ones are read all the same. */
function checkVersion(report: Report, root: Slot, kind: Kind, type: TypeName): void {
  if (kind.versions.includes(type.version)) return;
  const strict = POLICY_API.has(type.kind);
  report[strict ? "error" : "warn"](
    "UNKNOWN_VERSION",
    child(root, "apiVersion"),
    `there is no version ${show(type.version)} of ${type.kind}${strict ? "" : `; it is read as ${kind.versions[0]}`}`,
    `Write ${kind.versions.map((one) => (type.group ? `${type.group}/${one}` : one)).join(" or ")}.`,
  );
}

function warnOfKind(report: Report, root: Slot, group: string, kind: string): void {
  const right = POLICY_API.get(kind);
  const others = POLICY_GROUPS.get(group);
  if (right)
    report.warn(
      "UNKNOWN_KIND",
      child(root, "apiVersion"),
      `a ${kind} of this apiVersion does not exist and is passed over`,
      `Write apiVersion: ${right}.`,
    );
  else if (others && !others.has(kind))
    report.warn(
      "UNKNOWN_KIND",
      child(root, "kind"),
      `${show(kind)} of ${group} is passed over`,
      fixOfKind(kind),
    );
}

function fixOfKind(kind: string): string {
  const near = nearest(kind, POLICY_API.keys());
  return near ? `Did you mean ${near}?` : "Check the spelling of kind and apiVersion.";
}

function notAnObject(raw: RawObject): ManifestProblem {
  return {
    code: "NOT_AN_OBJECT",
    severity: "error",
    message: `${show(raw.root.value)} is not an object`,
    fix: "A document is one object: a map with apiVersion, kind and metadata.",
    place: placeOf(raw.root),
  };
}

function text(slot: Slot): string {
  return typeof slot.value === "string" ? slot.value : "";
}
