import type { Flow, Layer4 } from "./flow.js";
import { enumNumber } from "./enum-names.js";
import { DROP_REASONS } from "./enums.gen.js";

/** The member of `l4` that is set, with its ports where it has any. */
export function layer4(
  flow: Flow,
): { name: keyof Layer4; ports?: { source: number; destination: number } } | undefined {
  const l4 = flow.l4;
  if (l4 === undefined) return undefined;
  for (const name of ["TCP", "UDP", "SCTP"] as const) {
    const ported = l4[name];
    if (ported !== undefined) {
      return {
        name,
        ports: { source: ported.source_port ?? 0, destination: ported.destination_port ?? 0 },
      };
    }
  }
  for (const name of ["ICMPv4", "ICMPv6", "VRRP", "IGMP"] as const) {
    if (l4[name] !== undefined) return { name };
  }
  return undefined;
}

/** `drop_reason_desc`; older senders set only the deprecated number. */
export function dropReasonNumber(flow: Flow): number | undefined {
  const named = enumNumber(DROP_REASONS, flow.drop_reason_desc);
  return named === 0 ? (flow.drop_reason ?? 0) : named;
}

/**
 * The path of a request's URL, percent-decoded: of a full URL or of a bare path.
 * `undefined` when the text is neither. A broken escape stays as it is.
 */
export function urlPath(url: string): string | undefined {
  const match = /^(?:[A-Za-z][A-Za-z0-9+.-]*:\/\/[^/?]*)?(\/[^?]*)?/.exec(url);
  if (match === null || match[0] === "") return undefined;
  return (match[1] ?? "").replace(/(?:%[0-9A-Fa-f]{2})+/g, (escapes) => {
    const bytes = escapes
      .slice(1)
      .split("%")
      .map((byte) => Number.parseInt(byte, 16));
    return new TextDecoder().decode(Uint8Array.from(bytes));
  });
}
