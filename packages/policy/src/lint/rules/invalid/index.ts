import type { LintRule } from "../../rule.js";
import { NP001 } from "./np001-block-beside-selector.js";
import { NP002 } from "./np002-empty-peer.js";
import { NP003 } from "./np003-bad-cidr.js";
import { NP004 } from "./np004-end-port.js";
import { NP005 } from "./np005-rules-without-type.js";
import { NP006 } from "./np006-egress-isolates-ingress.js";
import { NP007 } from "./np007-egress-deny-without-type.js";
import { NP008 } from "./np008-udp-port-without-protocol.js";
import { NP009 } from "./np009-duplicate-name.js";
import { NP010 } from "./np010-no-namespace.js";
import { NP011 } from "./np011-selects-no-pod.js";
import { NP012 } from "./np012-peer-of-nobody.js";
import { NP013 } from "./np013-near-miss.js";
import { NP014 } from "./np014-unknown-namespace.js";
import { NP015 } from "./np015-unknown-port-name.js";
import { NP016 } from "./np016-port-name-of-many-numbers.js";
import { NP017 } from "./np017-port-name-of-addresses.js";
import { NP018 } from "./np018-host-network.js";
import { NP019 } from "./np019-service-port.js";
import { NP020 } from "./np020-nobody-enforces.js";
import { NP021 } from "./np021-unsupported-feature.js";

/** NP0xx: invalid or inert. */
export const INVALID_RULES: readonly LintRule[] = [
  NP001,
  NP002,
  NP003,
  NP004,
  NP005,
  NP006,
  NP007,
  NP008,
  NP009,
  NP010,
  NP011,
  NP012,
  NP013,
  NP014,
  NP015,
  NP016,
  NP017,
  NP018,
  NP019,
  NP020,
  NP021,
];
