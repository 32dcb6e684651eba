import { createHash, randomBytes } from "node:crypto";
import { closeSync, linkSync, lstatSync, openSync, readdirSync, renameSync, rmSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { DropscopeError, EXIT } from "@dropscope/model";

/** Bytes of `sun_path` (108 on Linux, 104 on macOS) with room for suffixes. */
const PATH_LIMIT = 80;
const ANSWER_MS = 1000;
/** Those who found the same dead owner have acted by then. */
const SETTLE_MS = 100;
const ATTEMPTS = 8;

/** Who holds a folder. */
export interface Owner {
  pid: number;
  /** What it does with the folder: `store`, `engine`. */
  what: string;
}

export interface Lock {
  release(): void;
}

interface Place {
  /** Of the lock, and of what is put beside it; short enough for the kernel. */
  path(suffix: string): string;
  done(): void;
}

function placeOf(dir: string, name: string): Place {
  const plain = join(resolve(dir), name);
  if (Buffer.byteLength(plain) <= PATH_LIMIT)
    return { path: (suffix) => `${plain}${suffix}`, done() {} };
  if (process.platform === "linux") {
    const fd = openSync(dir, "r");
    return {
      path: (suffix) => `/proc/self/fd/${fd}/${name}${suffix}`,
      done: () => closeSync(fd),
    };
  }
  const hash = createHash("sha256").update(plain).digest("hex").slice(0, 24);
  return { path: (suffix) => join(tmpdir(), `dropscope-${hash}${suffix}`), done() {} };
}

const LOCK = ".sock";

/** Asks the socket who owns it; undefined when nobody listens (the owner died). */
export function askOwner(path: string): Promise<Owner | undefined> {
  return new Promise((done) => {
    const socket = connect(path);
    let text = "";
    const finish = (owner: Owner | undefined): void => {
      clearTimeout(timer);
      socket.destroy();
      done(owner);
    };
    // Connected but silent: the owner lives and is stopped or busy.
    const timer = setTimeout(() => finish({ pid: 0, what: "?" }), ANSWER_MS);
    socket.on("data", (chunk) => (text += chunk.toString("utf8")));
    socket.on("end", () => {
      try {
        finish(JSON.parse(text) as Owner);
      } catch {
        finish({ pid: 0, what: "?" });
      }
    });
    socket.on("error", () => finish(undefined));
  });
}

function listen(path: string, owner: Owner): Promise<Server> {
  return new Promise((done, reject) => {
    const server = createServer((socket) => {
      socket.on("error", () => {});
      socket.end(JSON.stringify(owner));
    });
    server.once("error", reject);
    server.listen(path, () => {
      server.unref();
      done(server);
    });
  });
}

/** The number of the file, 0 when there is none. */
function inode(path: string): number {
  return lstatSync(path, { throwIfNoEntry: false })?.ino ?? 0;
}

/** Takes a dead socket away. Another one that took its place in the meantime is put back. */
function clearDead(place: Place, dead: number, nonce: string): void {
  const aside = place.path(`.${nonce}`);
  if (inode(place.path(LOCK)) !== dead) return;
  try {
    renameSync(place.path(LOCK), aside);
    if (inode(aside) !== dead) linkSync(aside, place.path(LOCK));
  } catch {
    // Somebody else was faster; whoever lost finds out by looking at the number.
  }
  rmSync(aside, { force: true });
}

/**
 * Takes a folder for this process. The lock is a listening socket: the kernel closes it
 * with its owner, so a process that was killed leaves nothing that a person must clean up.
 *
 * The socket is made under a name of its own and then linked to the name of the lock: a link
 * is there whole or not at all, and of two that are made at once one fails.
 * @throws DropscopeError `DATA_IN_USE` (exit 73) when another process holds it.
 */
export async function takeLock(dir: string, name: string, what: string): Promise<Lock> {
  const place = placeOf(dir, name);
  const nonce = randomBytes(4).toString("hex");
  const own = place.path(`-${nonce}`);
  let server: Server | undefined;
  try {
    server = await listen(own, { pid: process.pid, what });
    await linkLock(dir, place, own, nonce);
    sweep(dir, name, nonce);
  } catch (error) {
    server?.close();
    place.done();
    throw error;
  }
  const listening = server;
  const mine = inode(own);
  let held = true;
  return {
    release() {
      if (!held) return;
      held = false;
      if (inode(place.path(LOCK)) === mine) rmSync(place.path(LOCK), { force: true });
      // Removes the name of its own too.
      listening.close(() => place.done());
    },
  };
}

/** Removes what owners left that were killed. Only for the one who holds the lock. */
function sweep(dir: string, name: string, nonce: string): void {
  for (const file of readdirSync(dir))
    if (
      /^-[0-9a-f]{8}$/.test(file.slice(name.length)) &&
      file.startsWith(name) &&
      !file.endsWith(nonce)
    )
      rmSync(join(dir, file), { force: true });
}

async function linkLock(dir: string, place: Place, own: string, nonce: string): Promise<void> {
  const lock = place.path(LOCK);
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    try {
      linkSync(own, lock);
      if (attempt === 0) return;
      // Others may have found the same dead owner: the last one to link stays.
      await new Promise((done) => setTimeout(done, SETTLE_MS));
      if (inode(lock) === inode(own)) return;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // The winner has swept our socket away.
      if (code === "ENOENT") throw inUse(dir, { pid: 0, what: "?" });
      if (code !== "EEXIST") throw error;
    }
    const found = inode(lock);
    const owner = await askOwner(lock);
    if (owner) throw inUse(dir, owner);
    if (found > 0) clearDead(place, found, nonce);
  }
  throw inUse(dir, { pid: 0, what: "?" });
}

/** Who holds the folder now, if anybody does. */
export async function ownerOf(dir: string, name: string): Promise<Owner | undefined> {
  const place = placeOf(dir, name);
  try {
    return await askOwner(place.path(LOCK));
  } finally {
    place.done();
  }
}

function inUse(dir: string, owner: Owner): DropscopeError {
  const who = owner.pid > 0 ? `process ${owner.pid}` : "another process";
  return new DropscopeError("DATA_IN_USE", `the folder ${dir} is in use by ${who}`, {
    next: "Stop that process, or give this one a folder of its own with --data.",
    exitCode: EXIT.busy,
  });
}
