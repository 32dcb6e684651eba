import type { AddCommand } from "../program.js";

export const addCorrelate = (add: AddCommand): unknown =>
  add({
    name: "correlate",
    summary: "explain each drop that lands in the store",
    description:
      "Follows the store, explains every drop by the policies of its time, folds drops into problems and keeps both in the store. Writes one JSON line for each dropped or audited flow: when, in which direction, why in one sentence, the policies behind it, and the rule that came nearest. One correlator works on a store at a time: beside another one (that of `up`), it prints what that one explains, and takes over when it ends.",
    groups: ["store", "catalog", "notify"],
    settings: ["policies", "resolved-after"],
    examples: [
      ["dropscope correlate --policies manifests/", "beside `ingest` on the same store"],
      ["dropscope correlate | jq -r .sentence", "only the sentences"],
    ],
    run: async (invocation) => (await import("../run/correlate.js")).run(invocation),
  });
