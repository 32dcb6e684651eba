import { parseTimeNs } from "@dropscope/model";
import {
  addObjects,
  addWatches,
  newBatchId,
  type ObjectVersionRow,
  type StoreClient,
} from "@dropscope/store";
import { valuesOf } from "../archive/lines.js";
import type { OpenBundle } from "../archive/read.js";
import { FILES } from "../format.js";
import { piecesOf } from "./piece.js";
import { ContentLine, VersionLine, WatchLine } from "./schemas.js";

const ROWS = 500;

/** @param verify is told how many versions and contents there were, before they are stored to the end */
export async function loadObjects(
  bundle: OpenBundle,
  client: StoreClient,
  verify: (versions: number, contents: number) => void,
): Promise<void> {
  const byContent = new Map<string, ObjectVersionRow[]>();
  let versions = 0;
  for await (const lines of valuesOf(bundle, FILES.versions, VersionLine))
    for (const line of lines) {
      versions += 1;
      const version: ObjectVersionRow = {
        kind: line.kind,
        namespace: line.namespace,
        name: line.name,
        uid: line.uid,
        from: line.from === null ? Number.NEGATIVE_INFINITY : msOf(line.from),
        to: line.to === null ? Number.POSITIVE_INFINITY : msOf(line.to),
        content: line.content,
        resourceVersion: line.resource_version,
        source: line.source,
      };
      const some = byContent.get(line.content);
      if (some) some.push(version);
      else byContent.set(line.content, [version]);
    }
  let contents = 0;
  const now = Date.now();
  for await (const some of piecesOf(valuesOf(bundle, FILES.contents, ContentLine), ROWS)) {
    contents += some.length;
    const writes = some.flatMap(({ hash, spec, manifest }) =>
      (byContent.get(hash) ?? []).map((version, at) =>
        at === 0 ? { version, content: { hash, spec, manifest } } : { version },
      ),
    );
    await addObjects(client, newBatchId(now), writes, now);
  }
  verify(versions, contents);
  for await (const some of piecesOf(valuesOf(bundle, FILES.watches, WatchLine), ROWS))
    await addWatches(
      client,
      newBatchId(now),
      some.map(({ source, kind, listed_at, until }) => ({
        source,
        kind,
        listedAt: msOf(listed_at),
        until: msOf(until),
      })),
      now,
    );
}

/** ms since 1970, to the µs. */
const msOf = (time: string): number => Number((parseTimeNs(time) ?? 0n) / 1_000n) / 1_000;
