/** Places where a test may end the process as if the power had gone. */
export const KILL_POINTS = [
  "seal:before-write",
  "seal:after-write",
  "seal:after-fsync",
  "seal:after-rename",
  "seal:after-ack",
  "deliver:before-insert",
  "deliver:after-section",
  "deliver:after-insert",
  "deliver:after-ledger",
  "deliver:after-delete",
  "deliver:before-bisect",
  "deliver:after-quarantine",
  "recover:after-list",
  "recover:after-quarantine",
] as const;

/** The same for the correlator. */
export const CORRELATE_POINTS = [
  "correlate:before-explanations",
  "correlate:after-explanations",
  "correlate:after-minutes",
  "correlate:after-problems",
  "correlate:after-cursor",
] as const;

export type KillPoint = (typeof KILL_POINTS | typeof CORRELATE_POINTS)[number];

const [wanted, nth] =
  /^(.*?)(?::(\d+))?$/.exec(process.env["DROPSCOPE_KILL_AT"] ?? "")?.slice(1) ?? [];
let left = Number(nth ?? 1);

/** Does nothing unless `DROPSCOPE_KILL_AT=name[:n]` names this place: then its n-th visit is the process's last act. */
export function killPoint(name: KillPoint): void {
  if (wanted === undefined || wanted === "" || wanted !== name) return;
  left -= 1;
  if (left === 0) process.kill(process.pid, "SIGKILL");
  // The signal is delivered at once, but the next line of this thread could still run.
  if (left <= 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
}
