import type { Profile } from "@dropscope/policy";
import type { ObjectReader, ProblemReader, ViewReader } from "@dropscope/store";

/** What is known beyond single flows: problems, policies and other objects over time, traffic. */
export interface Knowledge {
  readonly problems: ProblemReader;
  readonly objects: ObjectReader;
  readonly views: ViewReader;
  /** The data plane that policies are judged for, and the name of its cluster. */
  readonly profile: Profile;
}
