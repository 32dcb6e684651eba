import { join } from "node:path";
import type { SpoolFs } from "./fs.js";

/** What lies beside a file in quarantine, as `<file>.json`. */
export interface QuarantineNote {
  /** A word from a closed set: `checksum`, `foreign`, `version`, `header`, `missing`, `row`. */
  reason: string;
  /** What the store said, for a row. */
  message: string;
  table: string;
  batch: string;
  rows: number;
  /** Rows of `flows` among them. */
  flows: number;
  /** RFC 3339. */
  at: string;
}

let temporary = 0;

/** Keeps what cannot be stored, with the reason. Nothing in it is ever deleted by this program. */
export class Quarantine {
  readonly dir: string;
  readonly #fs: SpoolFs;
  /** Rows of flows that lie here, also from earlier runs. */
  flows = 0;
  files = 0;

  constructor(dir: string, fs: SpoolFs) {
    this.dir = dir;
    this.#fs = fs;
  }

  async open(): Promise<void> {
    await this.#fs.mkdir(this.dir);
    for (const name of await this.#fs.list(this.dir)) {
      if (!name.endsWith(".json")) continue;
      try {
        const text = (await this.#fs.read(join(this.dir, name))).toString("utf8");
        this.#count(JSON.parse(text) as QuarantineNote);
      } catch {
        // A note that was cut off by a crash: its file is still there for a person to see.
        this.files += 1;
      }
    }
  }

  /** Moves a whole spool file; only the note when somebody took the file away. */
  async keepFile(from: string | undefined, name: string, note: QuarantineNote): Promise<void> {
    // The note first: a crash between the two leaves the file where recovery finds it again.
    await this.#fs.put(join(this.dir, `${name}.json`), JSON.stringify(note));
    if (from !== undefined) await this.#fs.rename(from, join(this.dir, name));
    await this.#fs.syncDir(this.dir);
    this.#count(note);
  }

  /** Keeps rows that were cut out of a batch. The name is the same on every try, so a repeat adds nothing. */
  async keepRows(name: string, body: Uint8Array, note: QuarantineNote): Promise<void> {
    const path = join(this.dir, name);
    const known = (await this.#fs.list(this.dir)).includes(`${name}.json`);
    const temp = `${path}.tmp${(temporary += 1)}`;
    const file = await this.#fs.create(temp);
    try {
      await file.write([body]);
      await file.datasync();
    } finally {
      await file.close();
    }
    await this.#fs.rename(temp, path);
    await this.#fs.syncDir(this.dir);
    await this.#fs.put(`${path}.json`, JSON.stringify(note));
    if (!known) this.#count(note);
  }

  #count(note: QuarantineNote): void {
    this.files += 1;
    this.flows += note.flows;
  }
}
