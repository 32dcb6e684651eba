import type { Peer, Problem, ProblemLinks } from "@dropscope/model";

/** Kubernetes cuts a name here before it adds a random end. */
const GENERATED_NAME = 58;

/** How a problem's flows are found again, here and on a terminal. */
export function linksOf(problem: Problem): ProblemLinks {
  const { source, destination, protocol, port, reason, explanation } = problem;
  const parts = [
    `--verdict ${explanation.audited ? "AUDIT" : "DROPPED"}`,
    // What is folded has no name, port or protocol of its own any more.
    endOf("from", source),
    endOf("to", destination),
    port > 0 ? `--to-port ${port}` : "",
    protocol === "" ? "" : `--protocol ${protocol.toLowerCase()}`,
    reason === "" ? "" : `--drop-reason-desc ${reason}`,
  ];
  const filter = parts.filter((part) => part !== "").join(" ");
  return { filter, command: `hubble observe ${filter}` };
}

function endOf(end: "from" | "to", { kind, namespace, name }: Peer): string {
  const value = (text: string): string =>
    /^[\w./:@%+=,*-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
  if (kind === "unknown" || name === "")
    return namespace === "" ? "" : `--${end}-namespace ${value(namespace)}`;
  switch (kind) {
    case "workload":
      return `--${end}-pod ${value(`${namespace}/${name.slice(0, GENERATED_NAME)}`)}`;
    case "pod":
      return `--${end}-pod ${value(`${namespace}/${name}`)}`;
    case "entity":
      return `--${end}-identity ${value(name)}`;
    case "name":
      return `--${end}-fqdn ${value(name)}`;
    case "ip":
      return `--${end}-ip ${value(name)}`;
  }
}
