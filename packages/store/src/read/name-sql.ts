import type { Condition, NamePrefix } from "@dropscope/model";
import { isPresent, type Side, SIDES } from "./columns.js";
import type { SqlContext } from "./condition-sql.js";
import type { Params } from "./params.js";
import { and, or } from "./sql.js";

/** Pods and services by the beginning of their name. */
export function nameSql(
  condition: Extract<Condition, { on: "pod" | "service" }>,
  context: SqlContext,
): string {
  const { columns, params } = context;
  const side = SIDES[condition.end];
  const service = condition.on === "service";
  const namespace = service ? `${side}_service_namespace` : `${side}_namespace`;
  const name = service ? `${side}_service` : columns.of(side, "pod", "''");
  const test = (want: NamePrefix): string =>
    and([
      want.namespace === ""
        ? `(${namespace} != '' OR ${name} != '')`
        : `${namespace} = ${params.add("String", want.namespace)}`,
      want.prefix === "" ? "1" : `startsWith(${name}, ${params.add("String", want.prefix)})`,
    ]);
  return and([
    service ? columns.serviceInScope(side) : "1",
    condition.names.length <= FEW
      ? or(condition.names.map(test))
      : anyName(condition.names, namespace, name, params),
  ]);
}

/** Tests that are written out one by one: a query must not grow without end. */
const FEW = 16;

function anyName(
  names: readonly NamePrefix[],
  namespace: string,
  name: string,
  params: Params,
): string {
  const wanted = params.add(
    "Array(String)",
    names.map((want) => want.namespace),
  );
  const prefixes = params.add(
    "Array(String)",
    names.map((want) => want.prefix),
  );
  return `((${namespace} != '' OR ${name} != '') AND arrayExists((n, p) -> (n = '' OR ${namespace} = n) AND startsWith(toString(${name}), p), ${wanted}, ${prefixes}))`;
}

/** The first workload has columns; an endpoint with more of them has the whole list in `rest`. */
export function workloadSql(
  side: Side,
  workloads: readonly { name: string; kind: string }[],
  params: Params,
): string {
  const test = (name: string, kind: string): string =>
    or(
      workloads.map((want) =>
        and([
          want.name === "" ? "1" : `${name} = ${params.add("String", want.name)}`,
          want.kind === "" ? "1" : `${kind} = ${params.add("String", want.kind)}`,
        ]),
      ),
    );
  const end = side === "src" ? "source" : "destination";
  const listed = `JSONExtract(rest, '${end}', 'workloads', 'Array(Tuple(name String, kind String))')`;
  return or([
    and([
      isPresent(side === "src" ? "srcWorkload" : "dstWorkload"),
      test(`${side}_workload`, `${side}_workload_kind`),
    ]),
    and(["rest != ''", `arrayExists(w -> ${test("w.1", "w.2")}, ${listed})`]),
  ]);
}
