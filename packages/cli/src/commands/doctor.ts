import type { AddCommand } from "../program.js";

export const addDoctor = (add: AddCommand): unknown =>
  add({
    name: "doctor",
    summary: "check this machine and these settings, and say what to do",
    description:
      "Checks Node, the data folder (space, rights, how fast it can fsync), the store, the dashboard's port, and the relay when one is named. Exit code 1 when something would not work.",
    groups: ["store", "source", "dashboard"],
    examples: [
      ["dropscope doctor", "before the first start"],
      [
        "dropscope doctor --relay tls://relay.example:443 --tls-ca-cert-files ca.crt",
        "with a relay",
      ],
    ],
    run: async (invocation) => (await import("../run/doctor.js")).run(invocation),
  });
