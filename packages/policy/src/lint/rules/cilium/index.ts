import type { LintRule } from "../../rule.js";
import { CN001 } from "./cn001-nothing-enforced.js";
import { CN002 } from "./cn002-empty-rule-as-allow-all.js";
import { CN003 } from "./cn003-empty-peer-list.js";
import { CN004 } from "./cn004-peers-of-another-namespace.js";
import { CN005 } from "./cn005-combined-peers.js";
import { CN006 } from "./cn006-names-without-dns-rule.js";
import { CN007 } from "./cn007-search-names-refused.js";
import { CN008 } from "./cn008-cluster-names.js";
import { CN009 } from "./cn009-pattern-pitfalls.js";
import { CN010 } from "./cn010-cidr-of-the-cluster.js";
import { CN011 } from "./cn011-entity-expectations.js";
import { CN012 } from "./cn012-deny-only.js";
import { CN013 } from "./cn013-allow-behind-deny.js";
import { CN014 } from "./cn014-l7-without-effect.js";
import { CN015 } from "./cn015-l7-on-other-protocols.js";
import { CN016 } from "./cn016-l7-with-default-allow.js";
import { CN017 } from "./cn017-foreign-namespace-subject.js";
import { CN018 } from "./cn018-everything-selected.js";
import { CN019 } from "./cn019-health-not-allowed.js";
import { CN020 } from "./cn020-host-policy.js";
import { CN021 } from "./cn021-services-without-selector.js";
import { CN022 } from "./cn022-removed-fields.js";
import { CN023 } from "./cn023-node-peers.js";
import { CN024 } from "./cn024-missing-cidr-group.js";
import { CN025 } from "./cn025-size-limits.js";
import { CN026 } from "./cn026-authentication.js";
import { CN027 } from "./cn027-misspelt-selector.js";
import { CN028 } from "./cn028-audit-mode.js";

/** CN0xx: what only Cilium's policies can get wrong. */
export const CILIUM_RULES: readonly LintRule[] = [
  CN001,
  CN002,
  CN003,
  CN004,
  CN005,
  CN006,
  CN007,
  CN008,
  CN009,
  CN010,
  CN011,
  CN012,
  CN013,
  CN014,
  CN015,
  CN016,
  CN017,
  CN018,
  CN019,
  CN020,
  CN021,
  CN022,
  CN023,
  CN024,
  CN025,
  CN026,
  CN027,
  CN028,
];
