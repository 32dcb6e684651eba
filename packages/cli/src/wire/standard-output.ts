let closed: Promise<void> | undefined;

/**
 * Resolves when nobody reads standard output any more (`dropscope observe | head -1`). Once asked,
 * a write after that is no failure of the process either.
 */
export function outputClosed(): Promise<void> {
  closed ??= new Promise((resolve) => {
    process.stdout.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
      resolve();
    });
  });
  return closed;
}

/** Resolves when more may be written; also when nobody will ever read it. */
export function outputDrained(): Promise<void> {
  const drained = new Promise<void>((resolve) => {
    process.stdout.once("drain", resolve);
  });
  return Promise.race([drained, outputClosed()]);
}
