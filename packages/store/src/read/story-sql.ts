import { type Glob, globRegex, type PolicyGlob } from "@dropscope/model";
import { idNumber } from "../correlated/ids.js";
import type { SqlContext } from "./condition-sql.js";
import { anchored, and, or } from "./sql.js";

// Conditions on what the correlator says of a flow. An explanation has the id, the time and the
// batch of its flow, so the question's own span keeps the look into `explanations` short.

/** Policies that Hubble names on the flow, or that its explanation holds responsible, as far as the viewer sees them. */
export function policySql(names: readonly PolicyGlob[], context: SqlContext): string {
  const { span = "1" } = context;
  const fits = (namespace: string, name: string): string =>
    and([
      context.columns.seesNamespace(namespace),
      or(
        names.map((want) =>
          and([globSql(namespace, want.namespace, context), globSql(name, want.name, context)]),
        ),
      ),
    ]);
  const listed = ["selecting", "denying"].map(
    (list) => `JSONExtract(explanation, '${list}', 'Array(Tuple(namespace String, name String))')`,
  );
  const named = `hasAny(arrayConcat(egress_allowed_by, ingress_allowed_by, egress_denied_by, ingress_denied_by),
    (SELECT groupUniqArray(key) FROM policy_refs WHERE ${fits("namespace", "name")}))`;
  const responsible = `uuid IN (SELECT uuid FROM explanations WHERE ${and([
    span,
    `arrayExists(p -> ${fits("p.1", "p.2")}, arrayConcat(${listed.join(", ")}))`,
  ])})`;
  return or([named, responsible]);
}

function globSql(column: string, glob: Glob | undefined, { params }: SqlContext): string {
  if (glob === undefined) return "1";
  const [whole] = glob.parts;
  return glob.parts.length === 1 && whole !== undefined
    ? `${column} = ${params.add("String", whole)}`
    : `match(${column}, ${params.add("String", anchored([globRegex(glob)]))})`;
}

export function problemSql(ids: readonly string[], { params, span = "1" }: SqlContext): string {
  const problems = params.add("Array(UInt64)", ids.map(idNumber));
  return `uuid IN (SELECT uuid FROM explanations WHERE ${and([`problem IN ${problems}`, span])})`;
}
