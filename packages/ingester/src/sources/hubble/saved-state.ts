import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { Outage } from "./node-status.js";
import type { Watermark } from "./watermarks.js";

/** What a restart needs: how far each node was read *and sealed*, and which nodes were away. */
export interface SavedState {
  watermarks: Map<string, Watermark>;
  outages: Outage[];
}

interface FileShape {
  version: 1;
  /** The server that the marks belong to. */
  address: string;
  nodes: Record<string, { newestNs: string; heardMs: number }>;
  outages: (Omit<Outage, "fromNs"> & { fromNs: string })[];
}

/**
 * Undefined when there is no usable file: that is a first start. A stale or lost file costs nothing
 * but a longer overlap, so a damaged one is no error.
 */
export async function loadState(path: string, address: string): Promise<SavedState | undefined> {
  try {
    const file = JSON.parse(await readFile(path, "utf8")) as FileShape;
    if (file.version !== 1 || file.address !== address) return undefined;
    const watermarks = new Map(
      Object.entries(file.nodes).map(([node, mark]) => [
        node,
        { newestNs: BigInt(mark.newestNs), heardMs: mark.heardMs },
      ]),
    );
    const outages = file.outages.map((outage) =>
      Object.assign(outage, { fromNs: BigInt(outage.fromNs) }),
    );
    return { watermarks, outages };
  } catch {
    return undefined;
  }
}

/** Atomic: a reader sees the old file or the new one. */
export async function saveState(path: string, address: string, state: SavedState): Promise<void> {
  const file: FileShape = {
    version: 1,
    address,
    nodes: Object.fromEntries(
      [...state.watermarks].map(([node, mark]) => [
        node,
        { newestNs: mark.newestNs.toString(), heardMs: mark.heardMs },
      ]),
    ),
    outages: state.outages.map((outage) =>
      Object.assign({}, outage, { fromNs: outage.fromNs.toString() }),
    ),
  };
  await mkdir(dirname(path), { recursive: true });
  const next = `${path}.next`;
  await writeFile(next, JSON.stringify(file), { mode: 0o600 });
  await rename(next, path);
}

/** Saves the newest state at most once a second, one write at a time. */
export interface StateKeeper {
  keep(state: SavedState): void;
  /** Resolves when the newest state is on disk (or could not be written, which costs only overlap). */
  flush(): Promise<void>;
}

export function createStateKeeper(
  path: string | undefined,
  address: string,
  clock: { after(ms: number, run: () => void): () => void },
  onError: (error: unknown) => void,
): StateKeeper {
  let newest: SavedState | undefined;
  let timer: (() => void) | undefined;
  let writing: Promise<void> = Promise.resolve();

  function write(): Promise<void> {
    timer?.();
    timer = undefined;
    const state = newest;
    newest = undefined;
    if (state !== undefined && path !== undefined)
      writing = writing.then(() => saveState(path, address, state)).catch(onError);
    return writing;
  }

  return {
    keep(state) {
      newest = state;
      if (path !== undefined) timer ??= clock.after(1_000, () => void write());
    },
    flush: write,
  };
}
