import type { Session } from "chdb";
import { isName, parametersOf, quote } from "./sql-text.js";

/** What a request asks of the session that runs it. */
export interface Surroundings {
  database: string;
  settings: ReadonlyMap<string, string>;
  /** Values in the escaped text form of ClickHouse's HTTP interface. */
  parameters: ReadonlyMap<string, string>;
}

/** An error with a ClickHouse code, made by the front and not by the engine. */
export class FrontError extends Error {
  readonly clickhouseCode: number;
  constructor(code: number, name: string, message: string) {
    super(`Code: ${code}. DB::Exception: ${message}. (${name})`);
    this.clickhouseCode = code;
  }
}

/** One session of the engine, used by one request at a time. */
export class EngineSession {
  #session: Session;
  readonly #open: () => Session;
  #database = "default";
  /** The engine has no way to unset a parameter: remember which ones are stale. */
  readonly #everSet = new Set<string>();

  constructor(open: () => Session) {
    this.#open = open;
    this.#session = open();
  }

  /**
   * Sets the database, settings and parameters, runs `work`, and takes the settings
   * back, so that nothing leaks into the next request.
   */
  async run<T>(
    sql: string,
    around: Surroundings,
    work: (session: Session) => Promise<T>,
  ): Promise<T> {
    const missing = [...parametersOf(sql)].find(
      (name) => this.#everSet.has(name) && !around.parameters.has(name),
    );
    if (missing !== undefined)
      throw new FrontError(
        456,
        "UNKNOWN_QUERY_PARAMETER",
        `Substitution \`${missing}\` is not set`,
      );
    if (around.database !== this.#database) {
      await this.#session.queryAsync(`USE \`${around.database.replaceAll("`", "")}\``);
      this.#database = around.database;
    }
    const changes: string[] = [];
    for (const [name, value] of around.settings) {
      if (!isName(name)) throw new FrontError(115, "UNKNOWN_SETTING", "Unknown setting");
      changes.push(`${name}=${quote(value)}`);
    }
    for (const [name, value] of around.parameters) {
      if (!isName(name)) throw new FrontError(36, "BAD_ARGUMENTS", "Bad parameter name");
      this.#everSet.add(name);
      changes.push(`param_${name}=${quote(value)}`);
    }
    try {
      if (changes.length > 0) await this.#session.queryAsync(`SET ${changes.join(", ")}`);
      return await work(this.#session);
    } finally {
      await this.#restore([...around.settings.keys()]);
    }
  }

  async #restore(names: string[]): Promise<void> {
    if (names.length === 0) return;
    try {
      await this.#session.queryAsync(`SET ${names.map((n) => `${n}=DEFAULT`).join(", ")}`);
    } catch {
      // A setting that forbids its own reset (readonly) or a name that does not exist.
      this.#session.close();
      this.#session = this.#open();
      this.#database = "default";
      this.#everSet.clear();
    }
  }

  /** Only for the engine's own statements. */
  async command(sql: string): Promise<string> {
    return (await this.#session.queryAsync(sql, { format: "TabSeparated" })).text();
  }

  close(): void {
    this.#session.close();
  }
}

/** Hands out sessions first come, first served. */
export class SessionPool {
  readonly #all: EngineSession[];
  readonly #idle: EngineSession[];
  readonly #queue: ((session: EngineSession) => void)[] = [];
  /** When the work that goes on was begun, ms of a clock that is never set. */
  readonly #begun = new Map<EngineSession, number>();

  constructor(size: number, open: () => Session) {
    this.#all = Array.from({ length: size }, () => new EngineSession(open));
    this.#idle = [...this.#all];
  }

  get waiting(): number {
    return this.#queue.length;
  }

  /** How long the longest work goes on by now, ms; 0 when there is none. */
  longestMs(): number {
    const first = Math.min(...this.#begun.values());
    return Number.isFinite(first) ? Math.round(performance.now() - first) : 0;
  }

  async lease<T>(signal: AbortSignal, work: (session: EngineSession) => Promise<T>): Promise<T> {
    const session = await this.#take(signal);
    this.#begun.set(session, performance.now());
    try {
      return await work(session);
    } finally {
      this.#begun.delete(session);
      const next = this.#queue.shift();
      if (next) next(session);
      else this.#idle.push(session);
    }
  }

  #take(signal: AbortSignal): Promise<EngineSession> {
    const idle = this.#idle.pop();
    if (idle) return Promise.resolve(idle);
    return new Promise((resolve, reject) => {
      const take = (session: EngineSession): void => {
        signal.removeEventListener("abort", gone);
        resolve(session);
      };
      const gone = (): void => {
        const at = this.#queue.indexOf(take);
        if (at >= 0) this.#queue.splice(at, 1);
        reject(new FrontError(394, "QUERY_WAS_CANCELLED", "Query was cancelled"));
      };
      if (signal.aborted) return gone();
      signal.addEventListener("abort", gone, { once: true });
      this.#queue.push(take);
    });
  }

  close(): void {
    for (const session of this.#all) session.close();
  }
}
