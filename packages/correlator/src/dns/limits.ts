/** Windows of the detection rules (ms), and what keeps the memory of a watch bounded. */
export interface DnsLimits {
  /** W of the rules: drops this far apart belong together. */
  readonly windowMs: number;
  /** A query without an answer after so long has none. */
  readonly answerMs: number;
  /** How long a node must have gone on reporting after that, before the missing answer is claimed. */
  readonly settleMs: number;
  /** Flows may come so much later than newer ones of the same client. */
  readonly latenessMs: number;
  /** A client of which nothing came for so long is forgotten with its findings. By the clock. */
  readonly forgetMs: number;
  readonly maxClients: number;
  /** Resolvers of one client that are told apart at a time. */
  readonly maxServers: number;
  /** Kinds of drops, refused names and addresses that one client has in one slot. */
  readonly maxKinds: number;
  /** Names that one client's findings are folded by; further ones fold by their zone. */
  readonly maxFamilies: number;
  /** Queries whose answers are awaited; beyond, a share of all clients' sockets is watched. */
  readonly maxExchanges: number;
  readonly maxNodes: number;
  readonly maxGaps: number;
}

export const DNS_LIMITS: DnsLimits = {
  windowMs: 60_000,
  answerMs: 5_000,
  settleMs: 2_000,
  latenessMs: 60_000,
  forgetMs: 3_600_000,
  maxClients: 10_000,
  maxServers: 16,
  maxKinds: 64,
  maxFamilies: 32,
  maxExchanges: 100_000,
  maxNodes: 10_000,
  maxGaps: 1_000,
};

/** What is seen is kept in slots of this length, ms. */
export const SLOT_MS = 10_000;

export const slotOf = (time: number): number => Math.floor(time / SLOT_MS);
