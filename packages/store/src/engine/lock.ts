import { createHash, randomBytes } from "node:crypto";
import { closeSync, linkSync, openSync, renameSync, rmSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { DropscopeError, EXIT } from "@dropscope/model";

/** Bytes of `sun_path` (108 on Linux, 104 on macOS) with room for the end mark. */
const PATH_LIMIT = 100;
const ANSWER_MS = 1000;

/** Who holds a folder. */
export interface Owner {
  pid: number;
  /** What it does with the folder: `store`, `engine`. */
  what: string;
}

export interface Lock {
  release(): void;
}

/** A path for a socket that stands for the folder, short enough for the kernel. */
function socketPath(dir: string, name: string): { path: string; done: () => void } {
  const plain = join(resolve(dir), `${name}.sock`);
  if (Buffer.byteLength(plain) <= PATH_LIMIT) return { path: plain, done() {} };
  if (process.platform === "linux") {
    const fd = openSync(dir, "r");
    return { path: `/proc/self/fd/${fd}/${name}.sock`, done: () => closeSync(fd) };
  }
  const hash = createHash("sha256").update(plain).digest("hex").slice(0, 24);
  return { path: join(tmpdir(), `dropscope-${hash}.sock`), done() {} };
}

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

/** Moves a dead socket out of the way; puts it back when it turns out to be alive after all. */
async function clearDead(path: string): Promise<void> {
  const aside = `${path}.${randomBytes(4).toString("hex")}`;
  try {
    renameSync(path, aside);
  } catch {
    return;
  }
  if (await askOwner(aside)) {
    try {
      linkSync(aside, path);
    } catch {
      // A third process has taken the place; one of the two finds out when it asks.
    }
  }
  rmSync(aside, { force: true });
}

/**
 * Takes a folder for this process. The lock is a listening socket: the kernel closes it
 * with its owner, so a process that was killed leaves nothing that must be cleaned up.
 * @throws DropscopeError `DATA_IN_USE` (exit 73) when another process holds it.
 */
export async function takeLock(dir: string, name: string, what: string): Promise<Lock> {
  const { path, done } = socketPath(dir, name);
  try {
    return await take(path, done, dir, what);
  } catch (error) {
    done();
    throw error;
  }
}

async function take(path: string, done: () => void, dir: string, what: string): Promise<Lock> {
  for (let attempt = 0; attempt < 5; attempt += 1) {
    try {
      const server = await listen(path, { pid: process.pid, what });
      let held = true;
      return {
        release() {
          if (!held) return;
          held = false;
          // Removes the socket file too, before it closes: nobody else's can be hit.
          server.close(done);
        },
      };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    }
    const owner = await askOwner(path);
    if (owner) throw inUse(dir, owner);
    await clearDead(path);
  }
  throw inUse(dir, { pid: 0, what: "?" });
}

/** Who holds the folder now, if anybody does. */
export async function ownerOf(dir: string, name: string): Promise<Owner | undefined> {
  const { path, done } = socketPath(dir, name);
  try {
    return await askOwner(path);
  } finally {
    done();
  }
}

function inUse(dir: string, owner: Owner): DropscopeError {
  const who = owner.pid > 0 ? `process ${owner.pid}` : "another process";
  return new DropscopeError("DATA_IN_USE", `the folder ${dir} is in use by ${who}`, {
    next: "Stop that process, or give this one a folder of its own with --data.",
    exitCode: EXIT.busy,
  });
}
