import type { AddCommand } from "../../program.js";
import { addCheck } from "./check.js";
import { addExplain } from "./explain.js";

/** Commands of the group `dropscope policy`, in the order of the help. */
const COMMANDS: readonly ((add: AddCommand) => unknown)[] = [addCheck, addExplain];

export const addPolicy = (add: AddCommand): unknown => COMMANDS.map((register) => register(add));
