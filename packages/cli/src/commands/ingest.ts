import type { AddCommand } from "../program.js";

export const addIngest = (add: AddCommand): unknown =>
  add({
    name: "ingest",
    summary: "read a relay into the store, without a dashboard",
    description:
      "Reads a Hubble Relay (or a simulated cluster, when none is named) and stores every flow. Run one per relay; `serve` on the same store shows it.",
    groups: ["store", "keeping", "source"],
    settings: ["seed", "rate", "incidents"],
    examples: [
      [
        "dropscope ingest --relay hubble-relay:80 --clickhouse http://clickhouse:8123",
        "into a server",
      ],
      [
        "dropscope ingest --relay localhost:4245 --data /var/lib/dropscope",
        "into the embedded store",
      ],
    ],
    run: async (invocation) => (await import("../run/ingest.js")).run(invocation),
  });
