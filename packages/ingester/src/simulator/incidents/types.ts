import type { Node } from "../cluster/types.js";
import type { ShopPolicy } from "../policies/types.js";
import type { Traffic } from "../traffic/context.js";

/** Something that goes wrong in the shop, and is put right again. */
export interface Incident {
  name: IncidentName;
  /** One line for `--help` and the docs: what is wrong. */
  summary: string;
  phases: Phase[];
  /** A policy causes it, so that somebody can repair it. */
  repairable?: true;
}

export const INCIDENT_NAMES = [
  "egress-without-dns",
  "or-instead-of-and",
  "renamed-label",
  "scrape-port",
  "explicit-deny",
  "cloud-metadata",
  "stale-ip",
  "conntrack-full",
  "router-solicitations",
  "lost-events",
] as const;

export type IncidentName = (typeof INCIDENT_NAMES)[number];

/** One stretch of an incident, in seconds of the cycle. */
export interface Phase {
  name: string;
  from: number;
  to: number;
  /** Policies that are in force instead of the shop's own of the same name. */
  policies?: ShopPolicy[];
  /** Rolled out, and scaled to zero, while the phase lasts. */
  start?: string[];
  stop?: string[];
  attempts?: Attempt[];
}

/** Traffic of the incident itself, so that it shows at any rate of normal traffic. */
export interface Attempt {
  everyMs: number;
  run(traffic: Traffic, at: number, lose: (node: Node, count: number) => void): void;
}
