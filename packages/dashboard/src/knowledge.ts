import type { SpaceReport } from "@dropscope/model";
import type { Profile } from "@dropscope/policy";
import type {
  AuditReader,
  CompareReader,
  ObjectReader,
  ObservedReader,
  ProblemReader,
  FlowExporter,
  SavedViews,
  ViewReader,
} from "@dropscope/store";

/** What is known beyond single flows: problems, policies and other objects over time, traffic. */
export interface Knowledge {
  readonly problems: ProblemReader;
  readonly objects: ObjectReader;
  readonly views: ViewReader;
  readonly compare: CompareReader;
  readonly audit: AuditReader;
  /** Flows folded into connections. */
  readonly observed: ObservedReader;
  /** Flows as files. */
  readonly exporter: FlowExporter;
  /** What the tables hold. @param now ms since 1970 */
  space(now: number, signal?: AbortSignal): Promise<SpaceReport>;
  /** What people have given a name to. */
  readonly saved: SavedViews;
  /** The data plane that policies are judged for, and the name of its cluster. */
  readonly profile: Profile;
}
