import type { LintRule } from "../../rule.js";
import { NP101 } from "./np101-no-dns.js";
import { NP102 } from "./np102-udp-alone.js";
import { NP103 } from "./np103-node-local-dns.js";
import { NP104 } from "./np104-dns-namespace-label.js";
import { NP105 } from "./np105-system-namespace-closed.js";
import { NP106 } from "./np106-no-api-server.js";
import { NP107 } from "./np107-control-plane-kept-out.js";
import { NP108 } from "./np108-ingress-controller-kept-out.js";
import { NP109 } from "./np109-node-port-closed.js";
import { NP110 } from "./np110-client-address-lost.js";
import { NP111 } from "./np111-block-of-the-cluster.js";
import { NP112 } from "./np112-cluster-ip.js";
import { NP113 } from "./np113-no-ipv6.js";
import { NP114 } from "./np114-metadata-service.js";
import { NP115 } from "./np115-half-of-a-pair.js";
import { NP116 } from "./np116-changing-label.js";
import { NP117 } from "./np117-label-outside-identity.js";
import { NP118 } from "./np118-ordinal-label.js";

/** NP1xx: what breaks an application that the author did not mean to break. */
export const TRAP_RULES: readonly LintRule[] = [
  NP101,
  NP102,
  NP103,
  NP104,
  NP105,
  NP106,
  NP107,
  NP108,
  NP109,
  NP110,
  NP111,
  NP112,
  NP113,
  NP114,
  NP115,
  NP116,
  NP117,
  NP118,
];
