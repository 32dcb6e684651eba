import { z } from "zod";

/** What docs/incident-bundle.md describes. A newer one is refused, an older one must go on being read. */
export const BUNDLE_FORMAT = 1;
export const BUNDLE_KIND = "dropscope-incident";

/** Names of the files in a bundle. */
export const FILES = {
  manifest: "manifest.json",
  summary: "SUMMARY.md",
  flows: "flows.jsonl",
  versions: "objects/versions.jsonl",
  contents: "objects/contents.jsonl",
  watches: "objects/watches.jsonl",
  problems: "problems.jsonl",
  minutes: "minutes.jsonl",
  explanations: "explanations.jsonl",
  dns: "dns-findings.jsonl",
  audit: "audit-findings.jsonl",
  gaps: "gaps.jsonl",
} as const;

/** Files for people: charts, and each version of a policy as YAML. Nothing reads them again. */
export const READABLE = /^(?:charts\/[\w.-]+\.svg|policies\/[\w.-]+(?:\/[\w.-]+)*\.yaml)$/;

/** Longest line of a file, bytes with its break. `hubble observe --input-file` takes no more of flows. */
export const LINE_BYTES = { flows: 65_536, others: 8 * 1024 * 1024 } as const;

/** Explanations that a section of `explanations.jsonl` holds before it begins anew. */
export const SECTION_EXPLANATIONS = 4_096;

/** What a reader accepts, so that a hostile file costs no more than it must. */
export const LIMITS = {
  /** Entries of the archive. */
  entries: 20_000,
  /** Unpacked bytes for one packed byte, where an entry is large enough to matter. */
  ratio: 250,
  ratioFrom: 4 * 1024 * 1024,
  manifestBytes: 8 * 1024 * 1024,
  /** Unpacked bytes of everything but the flows and the explanations. */
  smallBytes: 2 * 1024 ** 3,
} as const;

const count = z.number().int().nonnegative();
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const name = z.string().min(1).max(512);

const FileSchema = z.strictObject({
  name,
  bytes: count,
  /** Lines of a `.jsonl` file. */
  lines: count.optional(),
  sha256,
});

export const ManifestSchema = z.object({
  kind: z.literal(BUNDLE_KIND),
  format: z.number().int().positive(),
  /** Hash of the files' hashes: equal bundles have equal ids, whatever made them. */
  id: sha256,
  madeBy: z.strictObject({ name: z.literal("dropscope"), version: name, schema: count }),
  /** RFC 3339, both ends inclusive. */
  range: z.strictObject({ since: z.iso.datetime(), until: z.iso.datetime() }),
  /** Words of the filter, as they were given; none when everything of the range is in it. */
  filters: z.array(z.string().max(4_096)).max(10_000),
  /** Name of the cluster that selectors are limited to. */
  cluster: z.string().max(512),
  redaction: z.strictObject({
    names: z.boolean(),
    /** Which key was used, without telling it; empty when names are not redacted or the key was made for this bundle alone. */
    key: z.string().regex(/^[0-9a-f]{0,16}$/),
    l7: z.boolean(),
  }),
  counts: z.strictObject({
    flows: count,
    losses: count,
    /** Flows of which something had to be left out for the length of their line. */
    shortened: count,
    explained: count,
    problems: count,
    policies: count,
    versions: count,
    contents: count,
    dnsFindings: count,
    auditFindings: count,
    gaps: count,
  }),
  files: z.array(FileSchema).max(LIMITS.entries),
});

export type Manifest = z.output<typeof ManifestSchema>;
export type BundleCounts = Manifest["counts"];
export type ManifestFile = Manifest["files"][number];
