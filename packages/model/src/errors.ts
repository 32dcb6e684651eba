/** Exit codes of the `dropscope` command; 64 and above follow sysexits.h. */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  denied: 3,
  badInput: 65,
  noInput: 66,
  unavailable: 69,
  internal: 70,
  ioError: 74,
  busy: 73,
  noPermission: 77,
  config: 78,
  /** Ended by Ctrl-C before the work was done. */
  interrupted: 130,
} as const;

/**
 * An error that a person is meant to read: what happened, why, and what to do
 * next. `code` is stable, is documented in docs/errors.md and never changes meaning.
 */
export class DropscopeError extends Error {
  override readonly name = "DropscopeError";
  readonly code: string;
  /** What the reader can do now. One sentence, imperative. */
  readonly next: string;
  readonly exitCode: number;

  constructor(
    code: string,
    message: string,
    options: { next: string; exitCode?: number; cause?: unknown },
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.next = options.next;
    this.exitCode = options.exitCode ?? EXIT.failed;
  }
}
