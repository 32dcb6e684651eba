import { open } from "node:fs/promises";
import { Readable } from "node:stream";
import { type Gap, type ObservedTraffic, parseTimeNs } from "@dropscope/model";
import type { CatalogObject } from "@dropscope/policy";
import { type ObjectVersionRow, settle } from "@dropscope/store";
import { valuesOf } from "../incident/archive/lines.js";
import { openBundle, type OpenBundle } from "../incident/archive/read.js";
import { FILES } from "../incident/format.js";
import { ContentLine, GapLine, VersionLine, WatchLine } from "../incident/load/schemas.js";
import { readTraffic } from "../tuning/read-flows.js";

/** What was seen, and what is known of the cluster at the end of it. */
export interface SeenTraffic {
  readonly traffic: ObservedTraffic;
  /** Name of the cluster; undefined: nobody told. */
  readonly cluster: string | undefined;
  /** Empty for flows alone. */
  readonly objects: readonly CatalogObject[];
}

export interface SeenFile extends SeenTraffic {
  readonly path: string;
}

/** What a bundle may unpack to. */
const MAX_BYTES = 32 * 1024 ** 3;

/**
 * Reads an incident bundle, or flows in any form that import reads. Nothing is written anywhere.
 * @throws DropscopeError `INCIDENT_DAMAGED` and the like, and those of reading flows
 */
export async function readSeen(path: string): Promise<SeenTraffic> {
  if (!(await isZip(path))) return { ...(await readTraffic(path, {})), objects: [] };
  const bundle = await openBundle(path, MAX_BYTES);
  try {
    const { range, cluster } = bundle.manifest;
    const flows = Readable.from(bundle.read(FILES.flows), { objectMode: false });
    const { traffic } = await readTraffic("-", { stdin: flows });
    const gaps = [...traffic.gaps, ...(await gapsOf(bundle))];
    const sinceNs = parseTimeNs(range.since) ?? traffic.sinceNs;
    const untilNs = parseTimeNs(range.until) ?? traffic.untilNs;
    const objects = await objectsAt(bundle, Number(untilNs / 1_000_000n));
    return { traffic: { ...traffic, sinceNs, untilNs, gaps }, cluster, objects };
  } finally {
    bundle.close();
  }
}

/** By its first bytes: names say little. What cannot be read is for the reader of flows to complain of. */
async function isZip(path: string): Promise<boolean> {
  if (path === "-") return false;
  const file = await open(path, "r").catch(() => undefined);
  if (file === undefined) return false;
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
    return bytesRead === 4 && buffer.readUInt32BE(0) === 0x504b_0304;
  } catch {
    return false;
  } finally {
    await file.close();
  }
}

/** Losses that came with the flows are among them already. */
async function gapsOf(bundle: OpenBundle): Promise<Gap[]> {
  const since = parseTimeNs(bundle.manifest.range.since) ?? 0n;
  const gaps: Gap[] = [];
  for await (const lines of valuesOf(bundle, FILES.gaps, GapLine))
    for (const { source, time, node, cause, count, from, to } of lines)
      if (source < 0 || (parseTimeNs(time) ?? 0n) < since)
        gaps.push({
          time,
          node,
          cause,
          count,
          ...(from === undefined ? {} : { from }),
          ...(to === undefined ? {} : { to }),
        });
  return gaps;
}

/** The objects of the bundle that were there at a moment, ms. */
async function objectsAt(bundle: OpenBundle, at: number): Promise<CatalogObject[]> {
  const rows: ObjectVersionRow[] = [];
  for await (const lines of valuesOf(bundle, FILES.versions, VersionLine))
    for (const { from, to, resource_version: resourceVersion, ...same } of lines)
      rows.push({
        ...same,
        resourceVersion,
        from: from === null ? Number.NEGATIVE_INFINITY : msOf(from),
        to: to === null ? Number.POSITIVE_INFINITY : msOf(to),
      });
  const watches = [];
  for await (const lines of valuesOf(bundle, FILES.watches, WatchLine))
    for (const { source, kind, listed_at, until } of lines)
      watches.push({ source, kind, listedAt: msOf(listed_at), until: msOf(until) });
  const there = settle(rows, watches, at).filter(({ from, to }) => from <= at && at < to);
  const wanted = new Set(there.map(({ content }) => content));
  const contents = new Map<string, unknown>();
  for await (const lines of valuesOf(bundle, FILES.contents, ContentLine))
    for (const { hash, spec } of lines) if (wanted.has(hash)) contents.set(hash, spec);
  return there.flatMap(({ kind, namespace, name, content }) => {
    const value = contents.get(content);
    return value === undefined ? [] : [{ kind, namespace, name, value } as CatalogObject];
  });
}

const msOf = (time: string): number => Number((parseTimeNs(time) ?? 0n) / 1_000n) / 1_000;
