/** Numbers of the store, by the names under which the command exposes them. Plain: who exports them is not our matter. */
export interface StoreMetrics {
  /** Batches and flows acknowledged since the start. */
  sealedBatches: number;
  sealedFlows: number;
  storedBatches: number;
  storedFlows: number;
  quarantinedFlows: number;
  waitingBatches: number;
  waitingFlows: number;
  waitingBytes: number;
  /** ms that the oldest batch has waited; 0 when none does. */
  oldestWaitMs: number;
  /** Times that `seal` was refused because the spool or its disk was full. */
  fullRefusals: number;
  /** Writes that failed, in a row. */
  writeFailures: number;
  inserts: number;
  insertedBytes: number;
  /** Inserts that failed, by what was done about it. */
  retries: number;
  halts: number;
  poisonRows: number;
  /** ms that the last batch took from its first insert to its ledger row. */
  lastDeliveryMs: number;
  engineRestarts: number;
}

/** What each number says, for the help line of an exporter. */
export const STORE_METRICS: Readonly<
  Record<keyof StoreMetrics, { help: string; kind: "counter" | "gauge" }>
> = {
  sealedBatches: { help: "Batches that were acknowledged.", kind: "counter" },
  sealedFlows: { help: "Flows that were acknowledged.", kind: "counter" },
  storedBatches: { help: "Batches that are in the store.", kind: "counter" },
  storedFlows: { help: "Flows that are in the store.", kind: "counter" },
  quarantinedFlows: { help: "Flows that cannot be stored and lie in quarantine.", kind: "counter" },
  waitingBatches: { help: "Batches on disk that wait for the store.", kind: "gauge" },
  waitingFlows: { help: "Flows on disk that wait for the store.", kind: "gauge" },
  waitingBytes: { help: "Bytes on disk that wait for the store.", kind: "gauge" },
  oldestWaitMs: { help: "Age of the oldest waiting batch, milliseconds.", kind: "gauge" },
  fullRefusals: {
    help: "Batches refused because the spool or its disk was full.",
    kind: "counter",
  },
  writeFailures: { help: "Failed spool writes in a row.", kind: "gauge" },
  inserts: { help: "Inserts sent to the store.", kind: "counter" },
  insertedBytes: { help: "Bytes sent to the store.", kind: "counter" },
  retries: { help: "Inserts that failed and were tried again.", kind: "counter" },
  halts: { help: "Times that delivery stopped because of schema or rights.", kind: "counter" },
  poisonRows: { help: "Rows that the store refused.", kind: "counter" },
  lastDeliveryMs: { help: "Duration of the last delivery, milliseconds.", kind: "gauge" },
  engineRestarts: { help: "Restarts of the embedded engine.", kind: "counter" },
};
