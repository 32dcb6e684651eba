import { DropscopeError, EXIT } from "../errors.js";

type Span = [number, number];

interface Place {
  at?: Span;
  within?: Span;
  line?: string;
  code?: "FILTER_INVALID" | "FILTER_UNSUPPORTED";
}

/** A filter that cannot be understood or answered. Code `FILTER_INVALID` or `FILTER_UNSUPPORTED`. */
export class FilterError extends DropscopeError {
  /** Where in the filter line the error is, [start, end); absent when the filter was not a line. */
  readonly at: Span | undefined;
  /** Where in the value of its flag, while nobody knows yet where that stands. */
  readonly within: Span | undefined;
  /** The line that `at` speaks of, where the reader did not write it as one. */
  readonly line: string | undefined;

  constructor(message: string, next: string, { at, within, line, code }: Place = {}) {
    super(code ?? "FILTER_INVALID", message, { next, exitCode: EXIT.usage });
    this.at = at;
    this.within = within;
    this.line = line;
  }

  /** The same error, placed. */
  placed(at: Span, line = this.line): FilterError {
    const code = this.code === "FILTER_UNSUPPORTED" ? this.code : "FILTER_INVALID";
    return new FilterError(this.message, this.next, {
      at,
      code,
      ...(line === undefined ? {} : { line }),
    });
  }
}
