import type { AddCommand } from "../program.js";

export const addUp = (add: AddCommand): unknown =>
  add({
    name: "up",
    summary: "ingest, store and dashboard in one process",
    description:
      "Runs everything in one process: reads a Hubble Relay, exported files, or (when neither is named) a simulated cluster, stores every flow, explains every drop by the policies of its time, and serves the dashboard.",
    groups: ["store", "keeping", "source", "catalog", "dashboard", "observer", "notify"],
    settings: ["policies", "seed", "rate", "incidents", "resolved-after"],
    examples: [
      ["dropscope up", "a simulated cluster, to look around"],
      ["dropscope up --relay hubble-relay.kube-system.svc:80", "a relay without TLS"],
      [
        "dropscope up --relay tls://relay.example:443 --tls-ca-cert-files ca.crt",
        "a relay with TLS",
      ],
      ["dropscope up --from flows.jsonl events.log.gz", "exported flows"],
      ["dropscope up --relay localhost:4245 --policies manifests/", "explained by these policies"],
    ],
    run: async (invocation) => (await import("../run/up.js")).run(invocation),
  });
