import type { AddCommand } from "../program.js";

export const addSimulate = (add: AddCommand): unknown =>
  add({
    name: "simulate",
    summary: "a Hubble-compatible server with a believable cluster",
    description:
      "Serves Hubble's Observer API for a simulated shop cluster: DNS, HTTP, world traffic, and named incidents with the policies that cause them. The real hubble CLI can read it too.",
    groups: ["simulate"],
    settings: ["policies"],
    examples: [
      ["dropscope simulate", "on 127.0.0.1:4245"],
      ["dropscope simulate --rate 5000 --seed load", "busier"],
      [
        "dropscope simulate --policies policies/",
        "write the matching policies, and keep them up to date",
      ],
      [
        "dropscope simulate --policies policies/ --watch --incidents egress-without-dns",
        "goes on until you repair the policy in that folder",
      ],
      ["hubble observe --server 127.0.0.1:4245 --follow", "watch it with the real CLI"],
    ],
    run: async (invocation) => (await import("../run/simulate.js")).run(invocation),
  });
