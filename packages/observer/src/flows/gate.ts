import { CODE, GrpcError } from "../grpc/status.js";

/** Lets so many in at once; the others are refused, or wait in line. */
export interface Gate {
  /** @throws GrpcError RESOURCE_EXHAUSTED when it is full */
  enter(): () => void;
  /** Waits for a place. @throws the signal's reason */
  wait(signal: AbortSignal): Promise<() => void>;
}

export function createGate(places: number, full: string): Gate {
  let inside = 0;
  const line: (() => void)[] = [];
  const leaver = (): (() => void) => {
    let left = false;
    return () => {
      if (left) return;
      left = true;
      const next = line.shift();
      if (next === undefined) inside--;
      else next();
    };
  };
  return {
    enter() {
      if (inside >= places) throw new GrpcError(CODE.resourceExhausted, full);
      inside++;
      return leaver();
    },
    wait(signal) {
      signal.throwIfAborted();
      if (inside < places) {
        inside++;
        return Promise.resolve(leaver());
      }
      return new Promise((resolve, reject) => {
        const come = (): void => {
          signal.removeEventListener("abort", go);
          resolve(leaver());
        };
        const go = (): void => {
          line.splice(line.indexOf(come), 1);
          reject(signal.reason as Error);
        };
        line.push(come);
        signal.addEventListener("abort", go, { once: true });
      });
    },
  };
}
