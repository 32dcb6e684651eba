import type { AddCommand } from "../../program.js";
import { addCheck } from "./check.js";
import { addConnections } from "./connections.js";
import { addDiff } from "./diff.js";
import { addExplain } from "./explain.js";
import { addExposure } from "./exposure.js";
import { addLint } from "./lint.js";

/** Commands of the group `dropscope policy`, in the order of the help. */
const COMMANDS: readonly ((add: AddCommand) => unknown)[] = [
  addCheck,
  addExplain,
  addConnections,
  addExposure,
  addDiff,
  addLint,
];

export const addPolicy = (add: AddCommand): unknown => COMMANDS.map((register) => register(add));
