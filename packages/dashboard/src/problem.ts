import { DropscopeError } from "@dropscope/model";

/** An error that ends one request: what the asker did or may do about it, with the HTTP status that fits. */
export class Problem extends DropscopeError {
  readonly status: number;
  /** Where in the filter line, [start, end). */
  readonly at: [number, number] | undefined;
  /** Seconds. */
  readonly retryAfter: number | undefined;

  constructor(
    status: number,
    code: string,
    message: string,
    next: string,
    extra: { at?: [number, number] | undefined; retryAfter?: number } = {},
  ) {
    super(code, message, { next });
    this.status = status;
    this.at = extra.at;
    this.retryAfter = extra.retryAfter;
  }
}

/** Messages of the other packages begin small and end open: they are joined to more words on a terminal. */
export function sentence(text: string): string {
  return text.replace(/^./, (first) => first.toUpperCase()).replace(/[^.?!]$/, "$&.");
}
