import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { health } from "@dropscope/hubble";
import type { Clock } from "@dropscope/model";
import type { Call } from "./grpc/call.js";
import type { Handler } from "./grpc/server.js";
import { CODE, GrpcError } from "./grpc/status.js";

const { HealthCheckRequestSchema, HealthCheckResponseSchema } = health;
const Status = health.HealthCheckResponse_ServingStatus;

const WATCH_MS = 5_000;

/** grpc.health.v1: serving while the store answers. @param services names that are known besides the whole server, "" */
export function healthHandlers(
  services: readonly string[],
  isServing: () => Promise<boolean>,
  clock: Pick<Clock, "after">,
): [string, Handler][] {
  const known = new Set(["", ...services]);
  const statusOf = async (service: string): Promise<health.HealthCheckResponse_ServingStatus> => {
    if (!known.has(service)) return Status.SERVICE_UNKNOWN;
    return (await isServing().catch(() => false)) ? Status.SERVING : Status.NOT_SERVING;
  };
  return [
    [
      "/grpc.health.v1.Health/Check",
      async (call) => {
        const service = await serviceOf(call);
        const status = await statusOf(service);
        if (status === Status.SERVICE_UNKNOWN)
          throw new GrpcError(CODE.notFound, `unknown service ${service}`);
        call.add(answer(status));
      },
    ],
    [
      "/grpc.health.v1.Health/Watch",
      async (call) => {
        const service = await serviceOf(call);
        let told: health.HealthCheckResponse_ServingStatus | undefined;
        for (;;) {
          const status = await statusOf(service);
          if (status !== told) {
            told = status;
            call.add(answer(status));
            await call.flush();
          }
          await pause(clock, call.signal);
        }
      },
    ],
  ];
}

async function serviceOf(call: Call): Promise<string> {
  return fromBinary(HealthCheckRequestSchema, await call.message()).service;
}

function answer(status: health.HealthCheckResponse_ServingStatus): Uint8Array {
  return toBinary(HealthCheckResponseSchema, create(HealthCheckResponseSchema, { status }));
}

function pause(clock: Pick<Clock, "after">, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const gone = (): void => {
      cancel();
      reject(signal.reason as Error);
    };
    const cancel = clock.after(WATCH_MS, () => {
      signal.removeEventListener("abort", gone);
      resolve();
    });
    if (signal.aborted) gone();
    else signal.addEventListener("abort", gone, { once: true });
  });
}
