// Explanations: for every pair, which connections are allowed or denied for which reasons.
import { connectionText, explainConnections, exposure, renderExposure } from "@dropscope/policy";
import { mergeEntries, sorted } from "./compare.mjs";
import { readExplanations } from "./explain-text.mjs";
import { compareLines, readList } from "./lists.mjs";

const EXPOSURE = "Exposure Analysis Result:";
const DIRECTIONS = ["Egress", "Ingress"];

export function checkExplanation({ text, name }, manifests, options, { explainOnly }, report) {
  const end = text.indexOf(EXPOSURE);
  const told = readExplanations(end < 0 ? text : text.slice(0, end));
  const ours = explainConnections(manifests, options).flatMap(({ from, to, parts }) =>
    parts
      .filter(({ allowed }) => explainOnly === undefined || allowed === (explainOnly === "allow"))
      .map(({ allowed, set, egress, ingress }) => ({
        from: from.text,
        to: to.text,
        allowed,
        conn: connectionText(set),
        Egress: egress,
        Ingress: ingress,
      })),
  );
  compareLines(name, linesOf(told), linesOf(ours.map((part) => asTold(part, told))), report);
  if (end < 0) return;
  const rendered = renderExposure(exposure(manifests, options), "txt", options.focus);
  const wanted = readList(text.slice(end), "txt", options);
  const found = readList(rendered.slice(rendered.indexOf(EXPOSURE)), "txt", options);
  for (const part of ["egress", "ingress", "unprotected"])
    compareLines(`${name}, ${part}`, wanted[part], found[part], report);
}

/**
 * Where an admin policy has a say, upstream forgets to tell of NetworkPolicies that deny
 * because none of their rules is about the other end: such a reason counts only where it is told.
 */
function asTold(part, told) {
  const twin = told.find(
    ({ from, to, allowed, conn }) =>
      from === part.from && to === part.to && allowed === part.allowed && conn === part.conn,
  );
  if (twin === undefined) return part;
  const sides = DIRECTIONS.map((direction) => {
    if (twin[direction] === undefined) return [direction, undefined];
    const tells = twin[direction].reasons.some((reason) => reason.startsWith("NetworkPolicy "));
    const reasons = part[direction].reasons.filter(
      (reason) => tells || !/^NetworkPolicy .* is not allowed by any \w+ rule/.test(reason),
    );
    return [direction, { ...part[direction], reasons }];
  });
  return { ...part, ...Object.fromEntries(sides) };
}

/** One line for each part; neighbouring ranges of addresses with the same reasons are one. */
function linesOf(parts) {
  return mergeEntries(
    parts.map(({ from, to, allowed, conn, ...sides }) => {
      const said = [
        allowed ? "Allowed" : "Denied",
        conn,
        ...DIRECTIONS.map((direction) => `${direction} ${sideText(sides[direction])}`),
      ].join(" | ");
      // A rule of an admin policy goes by its name, or by nothing if it has none.
      const named = said.replaceAll(
        /(AdminNetworkPolicy '[^']*' \w+ connections by \w+ rule) #\d+/g,
        "$1",
      );
      return { from, to, said: named.replaceAll(/[\d.]+-[\d.]+\[External\]/g, "[External]") };
    }),
  );
}

function sideText(side) {
  if (side === undefined) return "not told";
  return `${side.allowed ? "Allowed" : "Denied"}: ${sorted(new Set(side.reasons)).join(" & ")}`;
}
