// How netpol-analyzer judges, in terms of our options.
import { connectionRefusals, parseFocusConnection, PROFILES } from "@dropscope/policy";

const base = { profile: PROFILES.kubernetes, hostNetworkPods: "pods" };

/** Options of the library for a case's options. */
export function listOptions({ focusWorkloads, focusWorkloadPeers, focusDirection, focusConn }) {
  const connection = focusConn === undefined ? undefined : parseFocusConnection(focusConn);
  if (focusConn !== undefined && connection === undefined)
    throw new Error(`${focusConn} is no connection to focus on`);
  return {
    ...base,
    focus: {
      workloads: focusWorkloads ?? [],
      peers: focusWorkloadPeers ?? [],
      ...(focusDirection === undefined ? {} : { direction: focusDirection }),
      ...(connection === undefined ? {} : { connection }),
    },
  };
}

export function refusalsOf(manifests) {
  return connectionRefusals(manifests, base.profile);
}
