import type { DropscopeError } from "@dropscope/model";
import type { Logger } from "pino";

/** The first error after which going on makes no sense: the parts are stopped, then it is thrown. */
export interface Fatal {
  readonly raise: (error: DropscopeError) => void;
  readonly happened: Promise<void>;
  /** @throws the error that was raised, if any */
  rethrow(): void;
}

export function whenFatal(logger: Pick<Logger, "error">): Fatal {
  let first: DropscopeError | undefined;
  let resolve: () => void = () => undefined;
  const happened = new Promise<void>((done) => {
    resolve = done;
  });
  return {
    happened,
    raise(error) {
      // The first is what the command ends with; those that follow from it are only in the log.
      if (first)
        logger.error({ code: error.code, next: error.next }, `while stopping: ${error.message}`);
      first ??= error;
      resolve();
    },
    rethrow() {
      if (first) throw first;
    },
  };
}
