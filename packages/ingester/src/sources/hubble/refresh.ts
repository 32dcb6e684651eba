import { DropscopeError } from "@dropscope/model";
import { fingerprintCertificates, readCertificates } from "./certificates.js";
import type { HubbleTarget } from "./config.js";
import { NODE_STATE } from "./node-status.js";
import type { HubbleTuning } from "./tuning.js";

/** Decides when a healthy stream is replaced by a fresh one. */
export interface RefreshPlan {
  begin(nowMs: number, fingerprint: string | undefined): void;
  status(state: number, nowMs: number): void;
  due(seen: {
    nowMs: number;
    silent: boolean;
    /** Nodes that are away. */
    away: number;
    idleMs: number;
    unanswered: number;
    /** Reading was paused a moment ago. */
    behind: boolean;
  }): boolean;
  /** Says once a minute that verification is off. */
  warn(nowMs: number): void;
}

const WARN_MS = 60_000;
const FIRST_AWAY_MS = 60_000;
const LONGEST_AWAY_MS = 30 * 60_000;
/** Several nodes fail at once; one fresh stream serves them all. */
const GATHER_MS = 2_000;
const UNANSWERED = 3;

export function createRefreshPlan(
  target: HubbleTarget,
  tuning: HubbleTuning,
  notice: (notice: DropscopeError) => void,
): RefreshPlan {
  let begunMs = 0;
  let fingerprint: string | undefined;
  let errorAtMs: number | undefined;
  let warnedMs = -Infinity;
  let lookedMs = 0;
  let rotated = false;
  let awayMs = FIRST_AWAY_MS;
  let awaySinceMs: number | undefined;

  /** Relays before 1.15 never subscribe again to a node that failed; a fresh stream does, and less and less often. */
  function awayDue(away: number, nowMs: number): boolean {
    if (away === 0) {
      awaySinceMs = undefined;
      awayMs = FIRST_AWAY_MS;
      return false;
    }
    awaySinceMs ??= nowMs;
    if (nowMs - Math.max(awaySinceMs, begunMs) < awayMs) return false;
    awayMs = Math.min(awayMs * 2, LONGEST_AWAY_MS);
    return true;
  }

  async function look(): Promise<void> {
    if (target.tls === undefined || rotated) return;
    const seen = await fingerprintCertificates(target.tls);
    if (seen === undefined || seen === fingerprint || fingerprint === undefined) return;
    // Only a pair that works replaces one that works: a rotation writes the files one after the other.
    const works = await readCertificates(target.tls).then(
      () => true,
      () => false,
    );
    if (!works) return;
    rotated = true;
    notice(
      new DropscopeError("HUBBLE_TLS_ROTATED", "The certificate files changed: connecting anew.", {
        next: "Nothing to do.",
      }),
    );
  }

  return {
    begin(nowMs, print) {
      begunMs = nowMs;
      lookedMs = nowMs;
      fingerprint = print;
      rotated = false;
      errorAtMs = undefined;
    },
    status(state, nowMs) {
      if (state === NODE_STATE.error) errorAtMs ??= nowMs;
    },
    due({ nowMs, silent, away, idleMs, unanswered, behind }) {
      if (nowMs - lookedMs >= tuning.certificatesMs) {
        lookedMs = nowMs;
        void look();
      }
      if (unanswered >= UNANSWERED) return true;
      // Ending a stream throws away what is on the way; behind, that may be all that is left of it.
      if (behind) return false;
      const ageMs = nowMs - begunMs;
      const afterError =
        errorAtMs !== undefined &&
        nowMs - errorAtMs >= GATHER_MS &&
        errorAtMs - begunMs >= tuning.refreshAfterErrorMs;
      return (
        rotated ||
        silent ||
        awayDue(away, nowMs) ||
        afterError ||
        ageMs >= tuning.refreshMs ||
        idleMs >= tuning.idleMs
      );
    },
    warn(nowMs) {
      if (target.tls?.insecure !== true || nowMs - warnedMs < WARN_MS) return;
      warnedMs = nowMs;
      notice(
        new DropscopeError(
          "HUBBLE_TLS_INSECURE",
          `The certificate of ${target.address.dial} is not verified: anyone on the way can read and forge flows.`,
          { next: "Give --tls-ca-cert-files and drop --tls-allow-insecure." },
        ),
      );
    },
  };
}
