import { DropscopeError } from "@dropscope/model";
import { CODE, GrpcError } from "./grpc/status.js";

/** What a client is told of an error; never the store's own text, which may hold what nobody should read. */
export function statusOf(error: unknown, onError?: (error: unknown) => void): GrpcError {
  if (error instanceof GrpcError) return error;
  if (error instanceof DropscopeError) {
    const text = `${error.message} ${error.next}`.trim();
    switch (error.code) {
      case "FILTER_INVALID":
      case "FILTER_UNSUPPORTED":
        return new GrpcError(CODE.invalidArgument, text);
      case "QUERY_TOO_BROAD":
        return new GrpcError(CODE.resourceExhausted, text);
      default:
        onError?.(error);
        return new GrpcError(CODE.unavailable, `${error.code}: ${text}`);
    }
  }
  onError?.(error);
  return isConnection(error)
    ? new GrpcError(CODE.unavailable, "the store does not answer")
    : new GrpcError(CODE.internal, "the question failed; the log of the server says why");
}

function isConnection(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return ["ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "EPIPE", "UND_ERR_SOCKET"].includes(code);
}
