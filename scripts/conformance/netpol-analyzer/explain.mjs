// Explanations: for every pair, which connections are allowed or denied for which reasons.
import {
  exposure,
  explainConnections,
  parseConnectionText,
  connectionText,
  renderExposure,
} from "@dropscope/policy";
import { compareLines, readList } from "./lists.mjs";

const SYSTEM_DEFAULT = "the system default (Allow all)";

export function checkExplanation({ text, name }, manifests, options, caseOptions, report) {
  const [explanations, exposed] = split(text);
  const only = caseOptions.explainOnly;
  const expected = readExplanations(explanations);
  const got = explainConnections(manifests, options).flatMap((pair) =>
    pair.parts
      .filter(({ allowed }) => only === undefined || allowed === (only === "allow"))
      .map((part) => lineOf(pair, part)),
  );
  compareLines(name, expected.toSorted(), [...new Set(got)].toSorted(), report);
  if (exposed === undefined) return;
  const rendered = renderExposure(exposure(manifests, options), "txt", options.focus);
  const wanted = readList(exposed, "txt", options);
  const found = readList(
    rendered.slice(rendered.indexOf("Exposure Analysis Result:")),
    "txt",
    options,
  );
  for (const part of ["egress", "ingress", "unprotected"])
    compareLines(`${name}, ${part}`, wanted[part], found[part], report);
}

function split(text) {
  const at = text.indexOf("Exposure Analysis Result:");
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at)];
}

function lineOf({ from, to }, { allowed, set, egress, ingress }) {
  const side = (direction, { allowed: open, reasons }) =>
    `${direction} ${open ? "Allowed" : "Denied"}: ${reasons.join(" & ")}`;
  return [
    `${from.text} => ${to.text}`,
    allowed ? "Allowed" : "Denied",
    connectionText(set),
    side("Egress", egress),
    side("Ingress", ingress),
  ].join(" | ");
}

/** The same lines, from the text; parts of one pair with the same reasons are one. */
function readExplanations(text) {
  const parts = new Map();
  let pair = "";
  let part;
  let side;
  let inDefaults = false;
  const close = () => {
    if (part === undefined) return;
    const key = JSON.stringify([
      pair,
      part.allowed,
      reasonsOf(part.Egress),
      reasonsOf(part.Ingress),
    ]);
    parts.set(key, [...(parts.get(key) ?? []), part.conn]);
    part = undefined;
  };
  for (const raw of text.split("\n")) {
    const line = raw.trim();
    const between = /^Connections between (.*) => (.*):$/.exec(line);
    const head =
      /^(Allowed|Denied) (.*) due to (the following policies and rules:|the system default \(Allow all\))$/.exec(
        line,
      );
    const direction = /^(Egress|Ingress) \((Allowed|Denied)\)( due to .*)?$/.exec(line);
    if (line.startsWith("# All Connections due to the system default")) {
      close();
      inDefaults = true;
    } else if (between !== null) {
      close();
      pair = `${between[1]} => ${between[2]}`;
    } else if (head !== null) {
      close();
      const open = { allowed: true, reasons: [SYSTEM_DEFAULT] };
      part = {
        allowed: head[1] === "Allowed",
        conn: readProtocols(head[2]),
        Egress: open,
        Ingress: open,
      };
    } else if (direction !== null && part !== undefined) {
      side = { allowed: direction[2] === "Allowed", reasons: direction[3] ? [SYSTEM_DEFAULT] : [] };
      part[direction[1]] = side;
    } else if (inDefaults && line.includes(" => ")) {
      pair = line;
      const open = { allowed: true, reasons: [SYSTEM_DEFAULT] };
      part = { allowed: true, conn: "All Connections", Egress: open, Ingress: open };
      close();
    } else if (
      part !== undefined &&
      line !== "" &&
      !/^(\w+ list:|-+|#+|(Allowed|Denied) connections:)$/.test(line)
    ) {
      side.reasons.push(line.replace(/^- /, ""));
    }
  }
  close();
  return [...parts].map(([key, conns]) => {
    const [name, allowed, egress, ingress] = JSON.parse(key);
    return [
      name,
      allowed ? "Allowed" : "Denied",
      unite(conns),
      `Egress ${egress}`,
      `Ingress ${ingress}`,
    ].join(" | ");
  });
}

function reasonsOf({ allowed, reasons }) {
  return `${allowed ? "Allowed" : "Denied"}: ${[...new Set(reasons)].toSorted().join(" & ")}`;
}

/** `TCP:[1-79,81], UDP` as a list writes it. */
function readProtocols(text) {
  if (text === "All Connections") return text;
  return [...text.matchAll(/(TCP|UDP|SCTP)(?::\[([^\]]*)\])?/g)]
    .map(([, protocol, ports]) => `${protocol} ${ports ?? "1-65535"}`)
    .join(",");
}

function unite(conns) {
  return connectionText(
    parseConnectionText(conns.includes("All Connections") ? "All Connections" : conns.join(",")),
  );
}
