import type { AddCommand } from "../../program.js";
import { QUESTION_OPTIONS } from "./question.js";

export const addCheck = (add: AddCommand): unknown =>
  add({
    name: "policy check",
    summary: "may one end reach another? Exit code 0: yes, 3: no",
    description:
      "Says in one sentence whether a connection is allowed, and if not, which policies deny it and which rule comes nearest. Reads policies, and the pods, workloads, namespaces and Services to judge them in, from --policies (folders, files, - for standard input; .yaml, .yml and .json; hidden names and node_modules are passed over). Objects that are refused are told of on standard error, and the others still count. A Service stands for its backends: all of them must be allowed. Exit codes: 0 allowed, 3 denied, 2 the line cannot be understood, 65 nothing in the files can be used, 66 a file or an end is not there.",
    groups: [],
    settings: ["policies"],
    logless: true,
    options: QUESTION_OPTIONS,
    examples: [
      [
        "dropscope policy check --policies manifests/ --from payments/api --to payments/db --port 5432",
        "pods or workloads by name",
      ],
      [
        "dropscope policy check --policies manifests/ --from shop/app=web,tier=front --to svc/payments/db --port 80",
        "a pod that is not there yet, to whatever is behind a Service",
      ],
      [
        "kubectl get cnp,netpol,pods,ns,svc -A -o yaml | dropscope policy check --policies - --from world --to web/front --port 443",
        "what a cluster has now, from outside",
      ],
    ],
    run: async (invocation) => (await import("../../run/policy/check.js")).run(invocation),
  });
