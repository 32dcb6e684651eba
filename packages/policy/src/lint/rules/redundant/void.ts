import type { Rule } from "../../../policy.js";

/** Rules for nobody or for no port only turn on default deny. */
export function isVoid({ peers, ports }: Rule): boolean {
  return peers.length === 0 || ports.length === 0;
}
