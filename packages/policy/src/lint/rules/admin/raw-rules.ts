import type { SourceObject } from "../../../objects.js";
import { isRecord, type Json, list, record } from "../../context/raw.js";
import type { Path } from "../../rule.js";

/** A rule of an admin or baseline policy as it was written, refused or not. */
export interface AdminRuleView {
  readonly direction: "ingress" | "egress";
  readonly path: Path;
  readonly value: Json;
}

export function isAdminPolicy({ apiVersion }: SourceObject): boolean {
  return apiVersion.startsWith("policy.networking.k8s.io/");
}

export function adminRules({ value }: SourceObject): AdminRuleView[] {
  const spec = record(value["spec"]);
  return (["ingress", "egress"] as const).flatMap((direction) =>
    list(spec[direction]).flatMap((rule, index) =>
      isRecord(rule) ? { direction, path: ["spec", direction, index], value: rule } : [],
    ),
  );
}
