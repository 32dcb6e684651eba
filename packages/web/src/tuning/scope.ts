/** What the tuning page is about, as the URL has it. */
import type { PolicyName, SuggestedKind, SuggestedMode } from "@dropscope/model";
import { computed } from "@preact/signals";
import { policyItem, policyOf } from "../lib/policy-name.js";
import { go, item, view } from "../state/nav.js";

export type Scope =
  | { readonly what: "none" }
  /** Policies for a namespace, or for one workload of it; the workload is "" for all. */
  | { readonly what: "traffic"; readonly namespace: string; readonly workload: string }
  /** One policy in force, to be changed. */
  | { readonly what: "policy"; readonly namespace: string; readonly policy: PolicyName };

/** `web`, `web/cart`, or `NetworkPolicy/web/cart`. */
export function scopeOf(text: string): Scope {
  const policy = policyOf(text);
  if (policy) return { what: "policy", namespace: policy.namespace, policy };
  const [namespace = "", workload = "", ...rest] = text.split("/");
  if (namespace === "" || rest.length > 0) return { what: "none" };
  return { what: "traffic", namespace, workload };
}

export function trafficItem(namespace: string, workload = ""): string {
  return workload === "" ? namespace : `${namespace}/${workload}`;
}

export function policyScope(policy: PolicyName): string {
  return policyItem(policy);
}

const INCLUDE = "in:";
const KINDS = [
  ["cilium", "CiliumNetworkPolicy"],
  ["kubernetes", "NetworkPolicy"],
] as const;

/** How it is proposed and tried out. */
export interface Choices {
  /** What the traffic needs when absent. */
  readonly kind: SuggestedKind | undefined;
  readonly mode: SuggestedMode;
  /** The namespace's other policies are taken away. */
  readonly replace: boolean;
  /** Ids of traffic that is allowed by choice. */
  readonly include: readonly string[];
}

export function choicesOf(show: readonly string[]): Choices {
  return {
    kind: KINDS.find(([token]) => show.includes(token))?.[1],
    mode: show.includes("one-policy") ? "namespace" : "workload",
    replace: show.includes("replace"),
    include: show
      .filter((each) => each.startsWith(INCLUDE))
      .map((each) => each.slice(INCLUDE.length)),
  };
}

export const scope = computed(() => scopeOf(item.value));
export const choices = computed(() => choicesOf(view.value.show));

export function choose(name: "one-policy" | "replace", on: boolean): void {
  setToken(name, on);
}

export function chooseKind(kind: SuggestedKind | undefined): void {
  const left = view.peek().show.filter((each) => !KINDS.some(([token]) => token === each));
  go({ show: [...left, ...tokensOf({ kind })] }, "replace");
}

/** The choices that outlive another scope. */
export function tokensOf({ kind, mode }: Partial<Pick<Choices, "kind" | "mode">>): string[] {
  const [token] = KINDS.find(([, each]) => each === kind) ?? [];
  return [...(token === undefined ? [] : [token]), ...(mode === "namespace" ? ["one-policy"] : [])];
}

export function include(id: string, on: boolean): void {
  setToken(INCLUDE + id, on);
}

function setToken(token: string, on: boolean): void {
  const left = view.peek().show.filter((each) => each !== token);
  go({ show: on ? [...left, token] : left }, "replace");
}
