import { systemClock, type Clock, type Viewer } from "@dropscope/model";
import type { StoreClient } from "../clickhouse/client.js";
import { Params } from "../read/params.js";
import { createRunner, DEFAULT_LIMITS, type QueryLimits, type Runner } from "../read/run.js";
import { and } from "../read/sql.js";
import { currentWatches, isImported, settle, turnBefore } from "./settle.js";
import {
  fromMicros,
  toMicros,
  type ObjectVersionRow,
  type ObjectWatch,
  type StoredVersion,
} from "./version.js";

/** Objects of the cluster that say what holds in every namespace. */
const FOR_EVERYBODY = [
  "CiliumClusterwideNetworkPolicy",
  "AdminNetworkPolicy",
  "BaselineAdminNetworkPolicy",
  "ClusterNetworkPolicy",
  "CiliumCIDRGroup",
  "Node",
];

export interface ObjectQuery {
  /** Objects of namespaces that are not theirs are never read into the answer. */
  readonly viewer: Viewer;
  /** ms since 1970: versions that held at any moment of the range. Without bounds: of all time. */
  readonly since?: number;
  readonly until?: number;
  readonly kinds?: readonly string[];
  readonly namespace?: string;
  readonly name?: string;
  /** Only what this source told. */
  readonly source?: string;
}

/** Answers what policies, pods and namespaces were; from the store alone, so any process may ask. */
export interface ObjectReader {
  /**
   * Equal for two moments (ms since 1970) between which nothing began or ended, as long as nothing
   * was learned: what was made of the versions of one then holds for the other.
   */
  epoch(at: number, signal?: AbortSignal): Promise<string>;
  /**
   * By kind, namespace, name and time, without what they say. Where several sources tell of one
   * time, the one that knows best counts: see `settle`.
   */
  versions(query: ObjectQuery, signal?: AbortSignal): Promise<ObjectVersionRow[]>;
  /** As `versions`, with what they say; equal contents are one object. */
  loadVersions(query: ObjectQuery, signal?: AbortSignal): Promise<StoredVersion[]>;
  /** The YAML of contents; those that the viewer may not see, or that are gone, are missing. */
  manifests(
    hashes: readonly string[],
    viewer: Viewer,
    signal?: AbortSignal,
  ): Promise<Map<string, string>>;
  /** When everything of a kind was known, by source, kind and time. No viewer: it names nothing. */
  watches(range: { since?: number; until?: number }, signal?: AbortSignal): Promise<ObjectWatch[]>;
}

/** Also gives rows as sources told them, for whoever goes on to write them. */
export interface ToldReader extends ObjectReader {
  told(query: ObjectQuery, signal?: AbortSignal): Promise<ObjectVersionRow[]>;
  /** With what they say. */
  toldVersions(query: ObjectQuery, signal?: AbortSignal): Promise<StoredVersion[]>;
}

export function createObjectReader(
  client: StoreClient,
  options: {
    readonly limits?: QueryLimits | "profile";
    readonly clock?: Pick<Clock, "now">;
  } = {},
): ToldReader {
  const { limits = DEFAULT_LIMITS, clock = systemClock } = options;
  const run = createRunner(client, limits === "profile" ? undefined : limits);
  const told: ToldReader["told"] = (query, signal) => readVersions(run, query, signal);
  const versions: ObjectReader["versions"] = async (query, signal) => {
    const [rows, watches] = await Promise.all([told(query, signal), readImports(run, signal)]);
    // Whether a history tells of all there was has expired: what is left of it says nothing.
    if (watches.length === 0) return rows.filter(({ source }) => !isImported(source));
    return settle(rows, watches, clock.now()).filter(isOf(query));
  };
  return {
    epoch: async (at, signal) => {
      const watches = await readImports(run, signal);
      return `${await readEpoch(run, at, signal)} ${turnBefore(at, watches, clock.now())}`;
    },
    told,
    versions,
    // Versions first: a content is written before the version that points at it.
    loadVersions: async (query, signal) =>
      withSpecs(await versions(query, signal), await readSpecs(run, query, signal)),
    toldVersions: async (query, signal) =>
      withSpecs(await told(query, signal), await readSpecs(run, query, signal)),
    manifests: (hashes, viewer, signal) => readManifests(run, hashes, viewer, signal),
    watches: async (range, signal) => currentWatches(await readWatches(run, range, signal)),
  };
}

/** Rows are merged away behind it, which makes a new epoch now and then; never an old one of a new state. */
async function readEpoch(
  run: Runner,
  at: number,
  signal: AbortSignal | undefined,
): Promise<string> {
  const params = new Params();
  const moment = timeSql(at, params);
  const rows = await run.rows<Record<string, string>>(
    `SELECT count() AS stored, ${["observed_at", "valid_from", "valid_to"]
      .map((column) => {
        const known = column === "observed_at" ? "1" : `${column} <= ${moment}`;
        return `toString(toUnixTimestamp64Micro(maxIf(${column}, ${known}))) AS last_${column}`;
      })
      .join(", ")} FROM object_versions`,
    params,
    signal,
  );
  return JSON.stringify(rows[0] ?? {});
}

function withSpecs(
  rows: readonly ObjectVersionRow[],
  specs: ReadonlyMap<string, unknown>,
): StoredVersion[] {
  return rows.flatMap((row) => {
    const spec = specs.get(row.content);
    return spec === undefined ? [] : [Object.assign(row, { spec })];
  });
}

/** A part of a version may lie outside of the time that was asked for. */
function isOf({ since, until }: ObjectQuery): (row: ObjectVersionRow) => boolean {
  return ({ from, to }) =>
    (since === undefined || to > since) && (until === undefined || from <= until);
}

/** Every watch when something was imported, and nothing otherwise. */
async function readImports(run: Runner, signal: AbortSignal | undefined): Promise<ObjectWatch[]> {
  const watches = await readWatches(run, {}, signal);
  return watches.some(({ source }) => isImported(source)) ? watches : [];
}

interface VersionRecord {
  kind: string;
  namespace: string;
  name: string;
  uid: string;
  from_us: string;
  to_us: string;
  content: string;
  resource_version: string;
  source: string;
}

async function readVersions(
  run: Runner,
  query: ObjectQuery,
  signal: AbortSignal | undefined,
): Promise<ObjectVersionRow[]> {
  const params = new Params();
  const rows: ObjectVersionRow[] = [];
  const sql = `SELECT kind, namespace, name, uid, toString(toUnixTimestamp64Micro(valid_from)) AS from_us, toString(toUnixTimestamp64Micro(valid_to)) AS to_us, content, resource_version, source FROM object_versions FINAL WHERE ${whereOf(query, params)} ORDER BY kind, namespace, name, valid_from, uid`;
  for await (const part of run.stream<VersionRecord>(sql, params, signal))
    for (const { from_us, to_us, resource_version, ...rest } of part)
      rows.push({
        ...rest,
        from: fromMicros(Number(from_us)),
        to: fromMicros(Number(to_us)),
        resourceVersion: resource_version,
      });
  return rows;
}

async function readSpecs(
  run: Runner,
  query: ObjectQuery,
  signal: AbortSignal | undefined,
): Promise<Map<string, unknown>> {
  const params = new Params();
  const specs = new Map<string, unknown>();
  const sql = `SELECT hash, spec FROM object_contents WHERE hash IN (SELECT content FROM object_versions WHERE ${whereOf(query, params)})`;
  for await (const part of run.stream<{ hash: string; spec: string }>(sql, params, signal))
    for (const { hash, spec } of part)
      if (!specs.has(hash)) specs.set(hash, JSON.parse(spec) as unknown);
  return specs;
}

/** A hash in a query takes some forty bytes of its address; servers take some thousands. */
const HASHES_PER_QUERY = 100;

async function readManifests(
  run: Runner,
  hashes: readonly string[],
  viewer: Viewer,
  signal: AbortSignal | undefined,
): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (let at = 0; at < hashes.length; at += HASHES_PER_QUERY) {
    const params = new Params();
    const some = params.add("Array(String)", hashes.slice(at, at + HASHES_PER_QUERY));
    const rows = await run.rows<{ hash: string; manifest: string }>(
      `SELECT hash, manifest FROM object_contents WHERE hash IN ${some} AND hash IN (SELECT content FROM object_versions WHERE ${and([visibleSql(viewer, params), `content IN ${some}`])}) ORDER BY seen_at DESC LIMIT 1 BY hash`,
      params,
      signal,
    );
    for (const { hash, manifest } of rows) found.set(hash, manifest);
  }
  return found;
}

async function readWatches(
  run: Runner,
  range: { readonly since?: number; readonly until?: number },
  signal: AbortSignal | undefined,
): Promise<ObjectWatch[]> {
  const params = new Params();
  const where = and([
    range.since === undefined ? "1" : `watched_until >= ${timeSql(range.since, params)}`,
    range.until === undefined ? "1" : `listed_at <= ${timeSql(range.until, params)}`,
  ]);
  const rows = await run.rows<{ source: string; kind: string; at_us: string; until_us: string }>(
    `SELECT source, kind, toString(toUnixTimestamp64Micro(listed_at)) AS at_us, toString(toUnixTimestamp64Micro(watched_until)) AS until_us FROM object_watches FINAL WHERE ${where} ORDER BY source, kind, listed_at`,
    params,
    signal,
  );
  return rows.map(({ source, kind, at_us, until_us }) => ({
    source,
    kind,
    listedAt: fromMicros(Number(at_us)),
    until: fromMicros(Number(until_us)),
  }));
}

function whereOf(query: ObjectQuery, params: Params): string {
  const { viewer, since, until, kinds, namespace, name, source } = query;
  return and([
    visibleSql(viewer, params),
    // What a later import took back.
    "valid_to > valid_from",
    since === undefined ? "1" : `valid_to > ${timeSql(since, params)}`,
    until === undefined ? "1" : `valid_from <= ${timeSql(until, params)}`,
    kinds === undefined ? "1" : `kind IN ${params.add("Array(String)", kinds)}`,
    namespace === undefined ? "1" : `namespace = ${params.add("String", namespace)}`,
    name === undefined ? "1" : `name = ${params.add("String", name)}`,
    source === undefined ? "1" : `source = ${params.add("String", source)}`,
  ]);
}

/** Clusterwide policies bind every namespace, so everybody may know them; other namespaces stay unseen. */
function visibleSql({ namespaces }: Viewer, params: Params): string {
  if (namespaces === "all") return "1";
  // No namespace has an empty name; objects of the cluster have.
  const theirs = params.add(
    "Array(String)",
    namespaces.filter((namespace) => namespace !== ""),
  );
  const everybody = params.add("Array(String)", FOR_EVERYBODY);
  return `(namespace IN ${theirs} OR (namespace = '' AND (kind IN ${everybody} OR (kind = 'Namespace' AND name IN ${theirs}))))`;
}

function timeSql(ms: number, params: Params): string {
  return `fromUnixTimestamp64Micro(${params.add("Int64", toMicros(ms))})`;
}
