import type { Place } from "../place.js";
import type { Protocol } from "../policy.js";

/** What stands as `apiVersion` and `kind` over assertions; no API server knows it. */
export const TEST_API = "dropscope.io/v1";
export const TEST_KIND = "PolicyTest";

/** One sentence about connections that policies must make true: each of `from` to each of `to`, on each port. */
export interface Assertion {
  readonly expects: "allow" | "deny";
  /** As its author calls it; else what it says. */
  readonly name: string;
  /** Of ends that name none. */
  readonly namespace: string;
  /** Ends as they are written; never empty. */
  readonly from: readonly AssertedEnd[];
  readonly to: readonly AssertedEnd[];
  /** Ends that `from` does not mean. */
  readonly exceptFrom: readonly AssertedEnd[];
  readonly exceptTo: readonly AssertedEnd[];
  /** Empty: none is written. */
  readonly ports: readonly AssertedPort[];
  /** Undefined: none is written. */
  readonly protocol: Protocol | undefined;
  readonly place: Place;
}

export interface AssertedEnd {
  readonly text: string;
  readonly place: Place;
}

export interface AssertedPort {
  /** `one`: a number or a name; `range`: both ends of it belong to it. */
  readonly of: "one" | "range" | "any";
  readonly text: string;
  readonly first: number;
  readonly last: number;
  readonly place: Place;
}

/** Why assertions cannot be asked. */
export interface AssertionProblem {
  readonly place: Place;
  readonly message: string;
  readonly fix: string;
}
