// What a process tree costs, from /proc: memory of all of it, CPU by process and thread.
import { readdirSync, readFileSync } from "node:fs";

/** Clock ticks per second of /proc/*\/stat; 100 on every Linux that matters. */
const TICKS_PER_SECOND = 100;

function statOf(path) {
  const text = readFileSync(path, "utf8");
  // The name may hold spaces and brackets; the fields start after the last one.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return {
    parent: Number(fields[1]),
    seconds: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND,
    rssBytes: Number(fields[21]) * 4096,
  };
}

/** The process and all its descendants. */
export function tree(pid) {
  const parents = new Map();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      parents.set(Number(name), statOf(`/proc/${name}/stat`).parent);
    } catch {
      // it ended meanwhile
    }
  }
  const found = [pid];
  for (const member of found)
    for (const [child, parent] of parents) if (parent === member) found.push(child);
  return found;
}

/** Resident memory of one process; 0 when it has ended. */
export function rssBytes(pid) {
  try {
    return statOf(`/proc/${pid}/stat`).rssBytes;
  } catch {
    return 0;
  }
}

/** CPU seconds of a process: its main thread, its busiest other thread, and the rest. */
export function cpuByThread(pid) {
  const threads = readdirSync(`/proc/${pid}/task`).map((name) => ({
    main: Number(name) === pid,
    seconds: statOf(`/proc/${pid}/task/${name}/stat`).seconds,
  }));
  const total = statOf(`/proc/${pid}/stat`).seconds;
  const main = threads.find((thread) => thread.main)?.seconds ?? 0;
  const worker = Math.max(
    0,
    ...threads.filter((thread) => !thread.main).map(({ seconds }) => seconds),
  );
  return { total, main, worker, rest: total - main - worker };
}
