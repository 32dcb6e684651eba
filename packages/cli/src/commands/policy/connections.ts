import type { AddCommand } from "../../program.js";
import { focusOptions, listOptions } from "./list-options.js";

export const addConnections = (add: AddCommand): unknown =>
  add({
    name: "policy connections",
    summary: "every connection that policies allow, in netpol-analyzer's formats",
    description:
      "Lists which workloads may open which connections to each other, to and from addresses outside the cluster, and from the controllers of Ingress and Route objects: exact over all ports of TCP, UDP and SCTP. Reads policies, workloads, namespaces and Services from folders, files and - (standard input). Replicas of one owner are one workload. Addresses outside are IPv4, in ranges. What rules say about DNS names and nodes is not in the list. Exit codes: 0 listed, 2 the line cannot be understood, 65 a policy or namespace is refused or nothing can be used, 66 a file is not there.",
    arguments: "<dir...>",
    groups: [],
    logless: true,
    options: [...listOptions(["txt", "json", "csv", "md", "dot"]), ...focusOptions()],
    examples: [
      ["dropscope policy connections manifests/", "everything that is allowed"],
      [
        "dropscope policy connections manifests/ --focus-workload payments/api --focus-direction egress -o csv",
        "where one workload may connect to",
      ],
      [
        "dropscope policy connections manifests/ --focus-conn tcp-5432 -o dot",
        "who may reach a database, as a graph",
      ],
    ],
    run: async (invocation) => (await import("../../run/policy/connections.js")).run(invocation),
  });
