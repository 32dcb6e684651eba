import type { Layer4, Layer7, TcpFlags } from "@dropscope/model";

const FLAG_ORDER = ["SYN", "ACK", "RST", "FIN", "PSH", "URG", "ECE", "CWR", "NS"] as const;

/** The deprecated `Summary` of a packet, spelled as Hubble spells it. */
export function summaryOf(l4: Layer4): string {
  if (l4.TCP !== undefined) return `TCP Flags: ${flagsText(l4.TCP.flags ?? {})}`;
  if (l4.UDP !== undefined) return "UDP";
  if (l4.ICMPv4 !== undefined)
    return l4.ICMPv4.type === 8 ? "ICMPv4 EchoRequest" : "ICMPv4 EchoReply";
  if (l4.ICMPv6 !== undefined) return "ICMPv6 RouterSolicitation";
  return "";
}

function flagsText(flags: TcpFlags): string {
  return FLAG_ORDER.filter((flag) => flags[flag] === true).join(", ");
}

export function httpSummary(l7: Layer7): string {
  const { protocol = "", method = "", url = "", code } = l7.http ?? {};
  if (l7.type === "REQUEST") return `${protocol} ${method} ${url}`;
  const ms = Math.trunc(Number(l7.latency_ns ?? "0") / 1e6);
  return `${protocol} ${code ?? 0} ${ms}ms (${method} ${url})`;
}

const RCODE_TEXT: Record<number, string> = {
  2: "Server Failure",
  3: "Non-Existent Domain",
  5: "Query Refused",
};

export function dnsSummary(l7: Layer7): string {
  const { query = "", qtypes = [], ips = [], ttl = 0, rcode = 0 } = l7.dns ?? {};
  const types = qtypes.join(",");
  if (l7.type === "REQUEST") return `DNS Query ${query} ${types}`;
  const answer =
    rcode === 0 ? ips.map((ip) => `"${ip}"`).join(",") : `RCode: ${RCODE_TEXT[rcode] ?? rcode}`;
  return `DNS Answer ${answer} TTL: ${ttl} (Proxy ${query} ${types})`;
}
