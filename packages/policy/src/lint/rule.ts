import type { SourceObject } from "../objects.js";
import type { PatchOperation } from "../patch/patch.js";
import type { LintContext } from "./context/context.js";
import type { Evidence, Severity } from "./finding.js";

/** A lint. Its id never changes meaning. */
export interface LintRule {
  readonly id: string;
  /** A few words, as a heading. */
  readonly title: string;
  /** The worst that its findings have; a finding may be milder. */
  readonly severity: Severity;
  /** `spec`: the policies alone tell. `cluster`: pods, namespaces, services or settings are needed, and it is silent without them. */
  readonly needs: "spec" | "cluster";
  readonly help: {
    /** What goes wrong, in words for somebody who has not read the API. */
    readonly why: string;
    /** What to do; the fix of findings that give none of their own. */
    readonly fix: string;
  };
  check(context: LintContext): Iterable<Draft>;
}

/** A finding as a rule gives it: places, references and patches are worked out from it. */
export interface Draft {
  readonly on: SourceObject;
  /** Where in the object: `["spec", "ingress", 0, "from"]`. */
  readonly path: Path;
  readonly message: string;
  /** Unless it is the rule's. */
  readonly severity?: Severity;
  /** The first {@link MAX_EVIDENCE} are kept. */
  readonly evidence?: readonly Evidence[];
  readonly basis?: string;
  /** Unless it is the rule's. */
  readonly fix?: string;
  /** The one right change, on the object. Leave it out where there are two. */
  readonly operations?: readonly PatchOperation[];
}

export type Path = readonly (string | number)[];
