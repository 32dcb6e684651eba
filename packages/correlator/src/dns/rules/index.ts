import { D1 } from "./d01-egress-default-deny.js";
import { D2 } from "./d02-egress-denied-by-rule.js";
import { D3 } from "./d03-ingress-blocked-at-server.js";
import { D4 } from "./d04-tcp-missing.js";
import { D5 } from "./d05-wrong-port.js";
import { D6 } from "./d06-node-local-blocked.js";
import { D7 } from "./d07-proxy-refused.js";
import { D8 } from "./d08-no-response.js";
import { D9 } from "./d09-servfail.js";
import { D10 } from "./d10-nxdomain-amplification.js";
import { D11 } from "./d11-fqdn-cache-miss.js";
import { D12 } from "./d12-fqdn-without-dns-rule.js";
import { D13 } from "./d13-latency-quanta.js";
import type { DnsRuleDefinition } from "./rule.js";

/** Every detection rule; the stall of D14 is stated by those whose lookups fail late. */
export const RULES: readonly DnsRuleDefinition[] = [
  D1,
  D2,
  D3,
  D4,
  D5,
  D6,
  D7,
  D8,
  D9,
  D10,
  D11,
  D12,
  D13,
];
