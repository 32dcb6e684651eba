/** What may be tuned; all in ms. The defaults follow the behaviour of Hubble 1.11 to 1.19. */
export interface HubbleTuning {
  /** Read again this much before the oldest watermark. Rings hold seconds to minutes, so more is rarely there. */
  overlapMs: number;
  /** How far back the first start asks: all that a ring is likely to hold. */
  backfillMs: number;
  /** A fresh stream now and then, so that a node that comes back does not replay from an old `since`. */
  refreshMs: number;
  /** After a NODE_ERROR on a stream older than this the stream is made anew at once. */
  refreshAfterErrorMs: number;
  /** A node is not called silent before. */
  silentAfterMs: number;
  /** The whole stream is made anew after so long without any message. */
  idleMs: number;
  /** Certificate files are looked at this often. */
  certificatesMs: number;
  backoffFirstMs: number;
  backoffLongestMs: number;
}

export const HUBBLE_TUNING: HubbleTuning = {
  overlapMs: 30_000,
  backfillMs: 10 * 60_000,
  refreshMs: 30 * 60_000,
  refreshAfterErrorMs: 5 * 60_000,
  silentAfterMs: 60_000,
  idleMs: 5 * 60_000,
  certificatesMs: 10_000,
  backoffFirstMs: 1_000,
  backoffLongestMs: 30_000,
};
