import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { NamedPort } from "@dropscope/policy";
import { hasShared, SHARED } from "./shared.js";

/** A generated NetworkPolicy case: what the cluster holds in each step, and who can reach whom then. */
export interface CyclonusCase {
  readonly index: number;
  readonly steps: readonly CyclonusStep[];
}

/** The state after the step's actions. */
export interface CyclonusStep {
  readonly namespaces: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly pods: readonly {
    readonly namespace: string;
    readonly name: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly ip: string;
    readonly ports: readonly NamedPort[];
  }[];
  /** Null for none. */
  readonly policies:
    | readonly {
        readonly metadata: { readonly namespace: string; readonly name: string };
      }[]
    | null;
  /** From, to, `TCP/80` → `allowed` or `blocked` for ingress, egress and both. */
  readonly expected: Readonly<
    Record<string, Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>>
  >;
}

/** The cases of the corpus; none where it is not there. */
export function cyclonusCases(): CyclonusCase[] {
  if (!hasShared()) return [];
  return readFileSync(join(SHARED, "corpus/cyclonus/cases.jsonl"), "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as CyclonusCase);
}
