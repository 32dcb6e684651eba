/** Status codes of gRPC that this server answers. */
export const CODE = {
  ok: 0,
  cancelled: 1,
  unknown: 2,
  invalidArgument: 3,
  deadlineExceeded: 4,
  notFound: 5,
  resourceExhausted: 8,
  aborted: 10,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
} as const;

export type Code = (typeof CODE)[keyof typeof CODE];

/** Ends a call with a status that the client is meant to read. */
export class GrpcError extends Error {
  override readonly name = "GrpcError";
  readonly code: Code;

  constructor(code: Code, message: string) {
    super(message);
    this.code = code;
  }
}

/** The text of a status in a header: UTF-8 bytes, all but printable ASCII (and `%`) percent-encoded. */
export function encodeMessage(text: string): string {
  let encoded = "";
  for (const byte of Buffer.from(text.slice(0, 2000), "utf8")) {
    encoded +=
      byte >= 0x20 && byte <= 0x7e && byte !== 0x25
        ? String.fromCharCode(byte)
        : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return encoded;
}

/** `grpc-timeout` in ms: digits and a unit. Undefined when there is none, or none that can be read. */
export function timeoutMs(header: string | undefined): number | undefined {
  const match = /^(\d{1,8})([HMSmun])$/.exec(header ?? "");
  if (match === null) return undefined;
  const units = { H: 3_600_000, M: 60_000, S: 1000, m: 1, u: 1e-3, n: 1e-6 };
  return Number(match[1]) * units[match[2] as keyof typeof units];
}
