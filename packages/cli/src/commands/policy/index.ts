import type { AddCommand } from "../../program.js";

/** Commands of the group `dropscope policy`, in the order of the help. */
const COMMANDS: readonly ((add: AddCommand) => unknown)[] = [];

export const addPolicy = (add: AddCommand): unknown => COMMANDS.map((register) => register(add));
