import { go } from "../state/nav.js";
import { Segments, Select, useNamespaces, useWorkloads } from "./controls.js";
import { choices, choose, chooseKind, tokensOf, trafficItem } from "./scope.js";

/** Whose traffic, and what kind of policies. */
export function ScopeBar({ namespace, workload }: { namespace: string; workload: string }) {
  const namespaces = useNamespaces() ?? [];
  const workloads = useWorkloads(namespace);
  const { kind, mode } = choices.value;
  // What was included by choice is of this scope alone.
  const show = tokensOf({ kind, mode });
  return (
    <div class="scope-bar" role="group" aria-label="What is proposed">
      <Select
        label="Namespace"
        value={namespace}
        options={namespaces}
        onPick={(value) => go({ item: trafficItem(value), show })}
      />
      <Select
        label="Workload"
        value={workload}
        none="All workloads"
        options={workloads}
        onPick={(value) => go({ item: trafficItem(namespace, value), show })}
      />
      <Segments
        label="Kind of policy"
        value={kind ?? "auto"}
        options={[
          {
            value: "auto",
            text: "As needed",
            title:
              "Cilium's policies only where a NetworkPolicy has no word for some of the traffic",
          },
          {
            value: "NetworkPolicy",
            text: "Kubernetes",
            title: "NetworkPolicy: every network plugin knows it",
          },
          {
            value: "CiliumNetworkPolicy",
            text: "Cilium",
            title: "CiliumNetworkPolicy: entities, names outside the cluster and DNS rules",
          },
        ]}
        onPick={(value) => chooseKind(value === "auto" ? undefined : value)}
      />
      {workload === "" && (
        <Segments
          label="Policies"
          value={mode}
          options={[
            { value: "workload", text: "One per workload", title: "The smallest that is safe" },
            {
              value: "namespace",
              text: "One for the namespace",
              title: "Fewer to keep; every pod may then do what one of them does",
            },
          ]}
          onPick={(value) => choose("one-policy", value === "namespace")}
        />
      )}
    </div>
  );
}
