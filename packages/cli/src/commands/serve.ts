import type { AddCommand } from "../program.js";

export const addServe = (add: AddCommand): unknown =>
  add({
    name: "serve",
    summary: "the dashboard on a store that others fill",
    description:
      "Serves the dashboard, and with --observer Hubble's own API, on a store that `up` or `ingest` and `correlate` fill. Policies are judged for the data plane and the cluster that the correlator of the store judges for, unless --profile or --cluster-name says otherwise.",
    groups: ["store", "dashboard", "observer"],
    settings: ["cluster-name", "profile", "resolved-after"],
    examples: [
      ["dropscope serve --clickhouse http://clickhouse:8123", "on a server"],
      ["dropscope serve --data /var/lib/dropscope --port 8081", "beside `ingest` on one machine"],
      ["dropscope serve --observer :4245", "history for the real hubble CLI and Hubble UI, too"],
    ],
    run: async (invocation) => (await import("../run/serve.js")).run(invocation),
  });
