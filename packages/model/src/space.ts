/** What the store holds, for `dropscope storage`, GET /api/v1/storage and the page. */
export interface SpaceReport {
  /** One line a table; `flows` has two, as it holds two classes. */
  readonly tables: readonly TableSpace[];
  readonly classes: readonly ClassSpace[];
  /** Of all tables, compressed, as the disk holds them. */
  readonly bytes: number;
  /** Stored flows. */
  readonly flows: number;
  /** Of the table of flows alone; absent when there are none. */
  readonly bytesPerFlow?: number;
  /** Disks that hold tables, bytes. */
  readonly disks: readonly {
    readonly name: string;
    readonly free: number;
    readonly total: number;
  }[];
  /** What was removed to keep the disk bound, newest first. */
  readonly removals: readonly Removal[];
}

export interface TableSpace {
  readonly table: string;
  /** Absent for what is kept as long as something points at it. */
  readonly class?: string;
  readonly rows: number;
  /** On disk, compressed. */
  readonly bytes: number;
  readonly rawBytes: number;
  /** ms since 1970 of the oldest and newest row; absent when there is none. */
  readonly oldest?: number;
  readonly newest?: number;
  /** Days that a row is kept. */
  readonly days?: number;
}

export interface ClassSpace {
  readonly class: string;
  readonly days: number;
  readonly rows: number;
  readonly bytes: number;
  /** What it takes a day, as observed over so many whole days (0: over part of one). Absent: too little is known. */
  readonly perDay?: { readonly bytes: number; readonly days: number };
}

/** One day of a table that was removed to keep the disk bound. */
export interface Removal {
  readonly class: string;
  readonly table: string;
  /** UTC, `2026-11-20`. */
  readonly day: string;
  readonly rows: number;
  readonly bytes: number;
  /** Bytes that the store might hold. */
  readonly bound: number;
  /** ms since 1970. */
  readonly at: number;
}
