import { DropscopeError, EXIT } from "../errors.js";

/** A filter that cannot be understood or answered. Code `FILTER_INVALID` or `FILTER_UNSUPPORTED`. */
export class FilterError extends DropscopeError {
  /** Where in the filter line the error is, [start, end); absent when the filter was not a line. */
  readonly at: [number, number] | undefined;

  constructor(
    message: string,
    next: string,
    options: { at?: [number, number]; code?: "FILTER_INVALID" | "FILTER_UNSUPPORTED" } = {},
  ) {
    super(options.code ?? "FILTER_INVALID", message, { next, exitCode: EXIT.usage });
    this.at = options.at;
  }

  /** The same error, placed. */
  placed(at: [number, number]): FilterError {
    const code = this.code === "FILTER_UNSUPPORTED" ? this.code : "FILTER_INVALID";
    return new FilterError(this.message, this.next, { at, code });
  }
}
