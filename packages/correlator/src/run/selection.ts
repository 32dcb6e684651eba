import type { FlowSelection } from "@dropscope/model";

/** What the correlator reads of a batch: drops, what passed in audit mode, name resolution, and new connections. */
export const RELEVANT: FlowSelection = {
  allow: [
    { verdict: ["DROPPED", "AUDIT"] },
    { protocol: ["dns"] },
    { destination_port: ["53", "5353"] },
    { source_port: ["53", "5353"] },
    // Verdicts of connections that were let through: whether they should have been.
    { verdict: ["FORWARDED", "REDIRECTED"], event_type: [{ type: 5 }] },
  ],
  deny: [],
};
