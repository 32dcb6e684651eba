import { DropscopeError, EXIT } from "@dropscope/model";

/** Something else than a bundle. */
export function foreign(path: string, why: string): DropscopeError {
  return new DropscopeError("INCIDENT_FOREIGN", `${path} is not an incident bundle: ${why}.`, {
    next: "Name a file that `dropscope incident export` wrote. Flows alone are read by `dropscope import`.",
    exitCode: EXIT.badInput,
  });
}

/** A bundle that is not as it was written. */
export function damaged(path: string, why: string): DropscopeError {
  return new DropscopeError("INCIDENT_DAMAGED", `${path} is damaged: ${why}.`, {
    next: "Copy it again from where it was made, or export it again; nothing of it was loaded.",
    exitCode: EXIT.badInput,
  });
}

/** A bundle that was made to do harm, or looks like it. */
export function hostile(path: string, why: string): DropscopeError {
  return new DropscopeError("INCIDENT_HOSTILE", `${path} is refused: ${why}.`, {
    next: "dropscope writes no such bundles. Ask whoever sent it; nothing of it was loaded.",
    exitCode: EXIT.badInput,
  });
}

export function tooLarge(path: string, why: string): DropscopeError {
  return new DropscopeError("INCIDENT_TOO_LARGE", `${path} is too large: ${why}.`, {
    next: "Raise --max-size if you trust it, or export a shorter range.",
    exitCode: EXIT.badInput,
  });
}
