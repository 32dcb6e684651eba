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

/** Settings that forbid that they are taken back. */
const STICKY: ReadonlySet<string> = new Set(["readonly", "allow_ddl"]);

/** One session of the engine, used by one request at a time. */
export class EngineSession {
  #session: Session;
  readonly #open: () => Session;
  readonly #own: ReadonlyMap<string, string>;
  #database = "default";
  /** As they stand in the session now: a statement to set one costs as much as many a query. */
  #settings = new Map<string, string>();
  /** The engine has no way to unset a parameter: those that are not asked for are stale. */
  #parameters = new Map<string, string>();

  /** @param own settings of every request that does not ask for others */
  constructor(open: () => Session, own: ReadonlyMap<string, string> = new Map()) {
    this.#open = open;
    this.#own = own;
    this.#session = open();
  }

  /** Whether a request with these settings finds them set. */
  isSetFor({ settings }: Pick<Surroundings, "settings">): boolean {
    return this.#resetsFor(settings).length === 0;
  }

  /**
   * Runs `work` with exactly this database, these settings and parameters; what an earlier request
   * had set is taken back where it is not asked for again.
   */
  async run<T>(
    sql: string,
    around: Surroundings,
    work: (session: Session) => Promise<T>,
  ): Promise<T> {
    const missing = [...parametersOf(sql)].find(
      (name) => this.#parameters.has(name) && !around.parameters.has(name),
    );
    if (missing !== undefined)
      throw new FrontError(
        456,
        "UNKNOWN_QUERY_PARAMETER",
        `Substitution \`${missing}\` is not set`,
      );
    for (const name of around.settings.keys())
      if (!isName(name)) throw new FrontError(115, "UNKNOWN_SETTING", "Unknown setting");
    for (const name of around.parameters.keys())
      if (!isName(name)) throw new FrontError(36, "BAD_ARGUMENTS", "Bad parameter name");
    if (around.database !== this.#database) {
      await this.#session.queryAsync(`USE \`${around.database.replaceAll("`", "")}\``);
      this.#database = around.database;
    }
    await this.#surround(around);
    try {
      return await work(this.#session);
    } finally {
      if ([...around.settings.keys()].some((name) => STICKY.has(name))) this.#reopen();
    }
  }

  async #surround({ settings, parameters }: Surroundings): Promise<void> {
    const changes = this.#resetsFor(settings);
    for (const [name, value] of parameters)
      if (this.#parameters.get(name) !== value) changes.push(`param_${name}=${quote(value)}`);
    if (changes.length === 0) return;
    try {
      await this.#session.queryAsync(`SET ${changes.join(", ")}`);
      this.#settings = new Map([...this.#own, ...settings]);
      for (const [name, value] of parameters) this.#parameters.set(name, value);
    } catch (error) {
      // Some of them may be set.
      this.#reopen();
      throw error;
    }
  }

  /** What of the settings must be set, or set back. */
  #resetsFor(asked: ReadonlyMap<string, string>): string[] {
    const settings = new Map([...this.#own, ...asked]);
    const changes: string[] = [];
    for (const [name, value] of settings)
      if (this.#settings.get(name) !== value) changes.push(`${name}=${quote(value)}`);
    for (const name of this.#settings.keys())
      if (!settings.has(name)) changes.push(`${name}=DEFAULT`);
    return changes;
  }

  #reopen(): void {
    this.#session.close();
    this.#session = this.#open();
    this.#database = "default";
    this.#settings.clear();
    this.#parameters.clear();
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

  constructor(size: number, open: () => Session, own?: ReadonlyMap<string, string>) {
    this.#all = Array.from({ length: size }, () => new EngineSession(open, own));
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

  /** @param around of the request: of several idle sessions one that is set for it is taken */
  async lease<T>(
    signal: AbortSignal,
    around: Surroundings,
    work: (session: EngineSession) => Promise<T>,
  ): Promise<T> {
    const session = await this.#take(signal, around);
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

  #take(signal: AbortSignal, around: Surroundings): Promise<EngineSession> {
    const set = this.#idle.findIndex((session) => session.isSetFor(around));
    const [idle] = this.#idle.splice(Math.max(0, set), 1);
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
