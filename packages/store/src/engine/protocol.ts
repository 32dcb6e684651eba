/** First line of the engine's standard input. The password never stands in arguments or environment. */
export interface EngineOrder {
  dataDir: string;
  /** Of the engine's files. */
  folder: string;
  temp: string;
  database: string;
  /** 0 for any free port. */
  port: number;
  user: string;
  password: string;
  memoryBytes: number;
  querySessions: number;
}

/** Lines of its standard output. */
export type EngineReport =
  | { kind: "ready"; port: number; version: string }
  | { kind: "failed"; message: string; code?: string };
