import type { Viewer } from "@dropscope/model";
import { PRESENT, type FlowColumn } from "../schema/flows.js";
import type { Params } from "./params.js";
import { or } from "./sql.js";

export type Side = "src" | "dst";

export const SIDES = { source: "src", destination: "dst" } as const;

/**
 * Columns of `flows` as one viewer sees them. Where an end lies in somebody else's
 * namespace, its columns read as empty but for the namespace: a filter cannot be used to
 * ask what the answer would not show. Mirrors `cutFlow` of the model.
 */
export interface ViewerColumns {
  /** Rows of which the viewer may see anything. */
  readonly visible: string;
  /** This end is seen in full; "1" for who sees everything. */
  inScope(side: Side): string;
  /** A column of one end, or what stands for it when the end is cut. */
  of(side: Side, name: EndColumn, empty: string): string;
  /** The service of one end: it may lie in another namespace than the end. */
  serviceInScope(side: Side): string;
  /** Whether the viewer sees an object whose namespace is this expression; clusterwide ones everybody sees. */
  seesNamespace(namespace: string): string;
  readonly seesL7: boolean;
}

export type EndColumn =
  Extract<FlowColumn, `src_${string}`> extends `src_${infer Name}` ? Name : never;

export function viewerColumns(viewer: Viewer, params: Params): ViewerColumns {
  if (viewer.namespaces === "all") {
    return {
      visible: "1",
      inScope: () => "1",
      of: (side, name) => `${side}_${name}`,
      serviceInScope: () => "1",
      seesNamespace: () => "1",
      seesL7: viewer.seesL7,
    };
  }
  const own = params.add(
    "Array(String)",
    viewer.namespaces.filter((namespace) => namespace !== ""),
  );
  const inScope = (side: Side): string =>
    `(${side}_namespace = '' OR has(${own}, ${side}_namespace))`;
  return {
    visible: or([`has(${own}, src_namespace)`, `has(${own}, dst_namespace)`]),
    inScope,
    of: (side, name, empty) => `if(${inScope(side)}, ${side}_${name}, ${empty})`,
    serviceInScope: (side) =>
      `(${inScope(side)} AND (${side}_service_namespace = '' OR has(${own}, ${side}_service_namespace)))`,
    seesNamespace: (namespace) => `(${namespace} = '' OR has(${own}, ${namespace}))`,
    seesL7: viewer.seesL7,
  };
}

/** Is this bit of `present` set? */
export function isPresent(name: keyof typeof PRESENT): string {
  return `bitTest(present, ${Math.log2(Number(PRESENT[name]))})`;
}
