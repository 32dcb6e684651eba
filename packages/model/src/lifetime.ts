/** A long-lived part: making it does nothing, `start` does the work, `stop` may be called twice. */
export interface Part {
  start(): Promise<void>;
  /** Ends within `deadlineMs`; what is open is sealed or given back first. */
  stop(deadlineMs: number): Promise<void>;
}
