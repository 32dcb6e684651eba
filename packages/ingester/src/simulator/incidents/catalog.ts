import { DropscopeError, EXIT } from "@dropscope/model";
import { conntrackFull, lostEvents, routerSolicitations, staleIp } from "./datapath-incidents.js";
import {
  cloudMetadata,
  egressWithoutDns,
  explicitDeny,
  orInsteadOfAnd,
  renamedLabel,
  scrapePort,
} from "./policy-incidents.js";
import { INCIDENT_NAMES, type Incident } from "./types.js";

/** Everything that can go wrong in the shop, in the order of its cycle. */
export const INCIDENTS: readonly Incident[] = [
  egressWithoutDns,
  routerSolicitations,
  cloudMetadata,
  scrapePort,
  lostEvents,
  orInsteadOfAnd,
  renamedLabel,
  explicitDeny,
  staleIp,
  conntrackFull,
];

/**
 * The incidents of these names.
 * @throws DropscopeError `SIMULATOR_INCIDENT` for a name that does not exist.
 */
export function incidentsNamed(names: readonly string[]): Incident[] {
  return names.map((name) => {
    const incident = INCIDENTS.find((one) => one.name === name);
    if (incident === undefined) {
      throw new DropscopeError("SIMULATOR_INCIDENT", `There is no incident named "${name}".`, {
        next: `Use one of: ${INCIDENT_NAMES.join(", ")}.`,
        exitCode: EXIT.usage,
      });
    }
    return incident;
  });
}
