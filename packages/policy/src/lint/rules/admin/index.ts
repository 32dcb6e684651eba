import type { LintRule } from "../../rule.js";
import { AN001 } from "./an001-equal-priority.js";
import { AN002 } from "./an002-pass-into-nothing.js";
import { AN003 } from "./an003-baseline-not-default.js";
import { AN004 } from "./an004-networks-hit-pods.js";
import { AN005 } from "./an005-host-network-subject.js";
import { AN006 } from "./an006-denied-names.js";

/** AN0xx: AdminNetworkPolicy, BaselineAdminNetworkPolicy and ClusterNetworkPolicy. */
export const ADMIN_RULES: readonly LintRule[] = [AN001, AN002, AN003, AN004, AN005, AN006];
