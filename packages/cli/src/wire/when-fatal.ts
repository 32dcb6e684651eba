import type { DropscopeError } from "@dropscope/model";

/** The first error after which going on makes no sense: the parts are stopped, then it is thrown. */
export interface Fatal {
  readonly raise: (error: DropscopeError) => void;
  readonly happened: Promise<void>;
  /** @throws the error that was raised, if any */
  rethrow(): void;
}

export function whenFatal(): Fatal {
  let first: DropscopeError | undefined;
  let resolve: () => void = () => undefined;
  const happened = new Promise<void>((done) => {
    resolve = done;
  });
  return {
    happened,
    raise(error) {
      first ??= error;
      resolve();
    },
    rethrow() {
      if (first) throw first;
    },
  };
}
