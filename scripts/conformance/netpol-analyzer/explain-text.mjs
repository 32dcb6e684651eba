// Reads the text of an explanation: blocks for pairs, in them parts, in them two directions with reasons.
import { connectionText, parseConnectionText } from "@dropscope/policy";

const SYSTEM_DEFAULT = "the system default (Allow all)";

/**
 * `{from, to, allowed, conn, Egress?, Ingress?}` for each part, a direction as
 * `{allowed, reasons}`; parts of one pair with the same reasons are one.
 */
export function readExplanations(text) {
  const parts = new Map();
  let pair = {};
  let part;
  let side;
  const close = () => {
    if (part === undefined) return;
    const { conn, ...rest } = part;
    const key = JSON.stringify({ ...pair, ...rest });
    parts.set(key, [...(parts.get(key) ?? []), conn]);
    part = undefined;
  };
  for (const raw of text.split("\n")) {
    const line = raw.trim();
    if (line === "" || isFrame(line)) continue;
    const between = /^Connections between (.*) => (.*):$/.exec(line);
    const head = /^(Allowed|Denied) (.*) due to (the following policies and rules:|.*)$/.exec(line);
    const direction = /^(Egress|Ingress) \((Allowed|Denied)\)( due to .*)?$/.exec(line);
    const byDefaultAlone = /^(\S+) => (\S+)$/.exec(line);
    if (between !== null) {
      close();
      pair = { from: between[1], to: between[2] };
    } else if (head !== null) {
      close();
      const reasoned = head[3] === "the following policies and rules:";
      part = {
        allowed: head[1] === "Allowed",
        conn: readProtocols(head[2]),
        ...(reasoned ? {} : byDefault()),
      };
    } else if (direction !== null) {
      side = { allowed: direction[2] === "Allowed", reasons: direction[3] ? [SYSTEM_DEFAULT] : [] };
      part[direction[1]] = side;
    } else if (byDefaultAlone !== null) {
      close();
      pair = { from: byDefaultAlone[1], to: byDefaultAlone[2] };
      part = { allowed: true, conn: "All Connections", ...byDefault() };
      close();
    } else side.reasons.push(line.replace(/^- /, ""));
  }
  close();
  return [...parts].map(([key, conns]) => Object.assign(JSON.parse(key), { conn: unite(conns) }));
}

/** Rulers, titles of sections and of lists. */
function isFrame(line) {
  return /^(-+|#.*|\w+ list:|(Allowed|Denied) connections:)$/.test(line);
}

function byDefault() {
  const open = { allowed: true, reasons: [SYSTEM_DEFAULT] };
  return { Egress: open, Ingress: open };
}

/** `TCP:[1-79,81], UDP` as a list writes it. */
function readProtocols(text) {
  if (text === "All Connections") return text;
  return [...text.matchAll(/(TCP|UDP|SCTP)(?::\[([^\]]*)\])?/g)]
    .map(([, protocol, ports]) => `${protocol} ${ports ?? "1-65535"}`)
    .join(",");
}

function unite(conns) {
  const all = conns.includes("All Connections") ? "All Connections" : conns.join(",");
  return connectionText(parseConnectionText(all));
}
