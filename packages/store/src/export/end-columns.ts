import type { Side } from "../read/columns.js";
import { addressCell, EMPTY_LIST, listCell, numberCell, numberWhere, textCell } from "./cells.js";
import type { ExportColumn, ExportKind, ExportView } from "./column.js";

const NAMES = { src: "source", dst: "destination" } as const;
const EMPTY: Readonly<Record<ExportKind, string>> = {
  text: "''",
  list: EMPTY_LIST,
  number: "NULL",
  time: "NULL",
  truth: "NULL",
};

/** Columns of one end. An end in somebody else's namespace shows its namespace and its port only. */
export function endColumns(side: Side, hasPorts: string): ExportColumn[] {
  const name = NAMES[side];
  const cut = (
    column: string,
    kind: ExportKind,
    comment: string,
    sql: string | ((view: ExportView) => string),
  ): ExportColumn => ({
    name: `${side}_${column}`,
    kind,
    comment,
    sql: (view) => view.end(side, typeof sql === "string" ? sql : sql(view), EMPTY[kind]),
  });
  const service = (column: "service" | "service_namespace", comment: string): ExportColumn => ({
    name: `${side}_${column}`,
    kind: "text",
    comment,
    sql: ({ columns }) => {
      const text = textCell(`${side}_${column}`);
      const seen = columns.serviceInScope(side);
      return seen === "1" ? text : `if(${seen}, ${text}, '')`;
    },
  });
  return [
    cut("ip", "text", `Address of the ${name}.`, addressCell(`${side}_ip`, `${side}Ip`)),
    {
      name: `${side}_port`,
      kind: "number",
      comment: "Empty where the protocol has no ports.",
      sql: () => numberWhere(hasPorts, `${side}_port`),
    },
    {
      name: `${side}_namespace`,
      kind: "text",
      comment: "Empty for what is outside of the cluster, and for nodes.",
      sql: () => textCell(`${side}_namespace`),
    },
    cut("pod", "text", "", textCell(`${side}_pod`)),
    cut("workload", "text", "The first one where there are several.", textCell(`${side}_workload`)),
    cut("workload_kind", "text", "Deployment, DaemonSet, …", textCell(`${side}_workload_kind`)),
    cut(
      "identity",
      "number",
      "Cilium's security identity; 16777216 and above are local to the node.",
      numberCell(`${side}_identity`),
    ),
    cut("labels", "list", "In the order of the sender.", (view) => view.labels(`${side}_labels`)),
    cut("names", "list", "DNS names that were known for the address.", listCell(`${side}_names`)),
    service("service", "Kubernetes Service behind the address."),
    service("service_namespace", ""),
    cut("cluster", "text", "", textCell(`${side}_cluster`)),
    cut("endpoint", "number", "Endpoint id on its node.", numberCell(`${side}_endpoint`)),
    ...(side === "src"
      ? [
          cut(
            "ip_xlated",
            "text",
            "Address of the source after SNAT.",
            addressCell("src_ip_xlated", "srcIpXlated"),
          ),
        ]
      : []),
  ];
}
