// Connection lists, exposure and changes: what we render, read back, against the golden file.
import {
  connectionDiff,
  connectionList,
  exposure,
  renderConnections,
  renderDiff,
  renderExposure,
} from "@dropscope/policy";
import { canonical, csvRows, mdRows, sorted } from "./compare.mjs";

export function checkList({ format, text, name }, manifests, options, report) {
  const { connections } = connectionList(manifests, options);
  const got = renderConnections(connections, format, { focus: options.focus });
  compareParts(name, readList(text, format, options), readList(got, format, options), report);
}

export function checkExposure({ format, text, name }, manifests, options, report) {
  const got = renderExposure(exposure(manifests, options), format, options.focus);
  compareParts(name, readList(text, format, options), readList(got, format, options), report);
}

export function checkDiff({ format, text, name }, [before, after], options, report) {
  const changes = connectionDiff(connectionList(before, options), connectionList(after, options));
  compareParts(name, readDiff(text, format), readDiff(renderDiff(changes, format), format), report);
}

/** One check for each part: a list that is right says nothing about an exposure that is not. */
function compareParts(name, expected, got, report) {
  for (const part of new Set([...Object.keys(expected), ...Object.keys(got)]))
    compareLines(`${name}, ${part}`, expected[part] ?? [], got[part] ?? [], report);
}

/** What is on one side only; a whole list would hide it. */
export function compareLines(name, expected, got, report) {
  const [wanted, found] = [new Set(expected), new Set(got)];
  const missing = expected.filter((line) => !found.has(line));
  const extra = got.filter((line) => !wanted.has(line));
  report.check(name, missing, extra.length === 0 && missing.length === 0 ? missing : extra);
}

/** `list`, `egress`, `ingress`, `unprotected`: sorted lines of each, whatever the format. */
export function readList(text, format, { focus } = {}) {
  const parts = { list: [], egress: [], ingress: [], unprotected: [] };
  if (format === "json") readJson(JSON.parse(text === "" ? "[]" : text), parts);
  else if (format === "csv") readRows(csvRows(text), parts);
  else if (format === "md") readRows(mdRows(text), parts);
  else readTxt(text, parts, focus?.connection);
  return {
    list: canonical(parts.list),
    egress: canonical(parts.egress),
    ingress: canonical(parts.ingress),
    ...(format === "txt" ? { unprotected: sorted(parts.unprotected) } : {}),
  };
}

function readTxt(text, parts, connection) {
  const implied =
    connection === undefined ? undefined : `${connection.protocol} ${connection.port}`;
  for (const raw of text.split("\n")) {
    const line = raw.trim();
    if (line === "" || line.endsWith(":")) continue;
    if (
      line.endsWith(" is not protected on Egress") ||
      line.endsWith(" is not protected on Ingress")
    ) {
      parts.unprotected.push(line);
      continue;
    }
    const exposed = /^(\S+)\s+\t(=>|<=)\s+\t(.*)$/.exec(line);
    const [, left, arrow, rest] = exposed ?? /^(\S+) (=>) (.*)$/.exec(line) ?? [];
    if (rest === undefined) throw new Error(`this line is none of a list: ${line}`);
    const colon = implied === undefined ? rest.lastIndexOf(" : ") : -1;
    const right = colon < 0 ? rest : rest.slice(0, colon);
    const conn = colon < 0 ? implied : rest.slice(colon + 3);
    if (arrow === "<=") parts.ingress.push({ from: right, to: left, conn });
    else parts[exposed ? "egress" : "list"].push({ from: left, to: right, conn });
  }
}

function readJson(value, parts) {
  const all = Array.isArray(value) ? { connlist_results: value } : value;
  const entries = (list) =>
    (list ?? []).map(({ src, dst, conn }) => ({ from: src, to: dst, conn }));
  parts.list = entries(all.connlist_results);
  parts.egress = entries(all.exposure_results?.egress_exposure);
  parts.ingress = entries(all.exposure_results?.ingress_exposure);
}

function readRows(rows, parts) {
  let part = "list";
  for (const cells of rows) {
    const [first] = cells;
    if (/Egress Exposure:/.test(first)) part = "egress";
    else if (/Ingress Exposure:/.test(first)) part = "ingress";
    else if (/Exposure Analysis Result:/.test(first) || /^(src|dst)$/.test(first)) continue;
    else if (part === "ingress")
      parts.ingress.push({ from: cells[1], to: cells[0], conn: cells[2] });
    else parts[part].push({ from: cells[0], to: cells[1], conn: cells[2] });
  }
}

/** Changes of each kind, with the remark on workloads as part of the destination. */
function readDiff(text, format) {
  const entries =
    format === "txt"
      ? text
          .split("\n")
          .filter((line) => line.startsWith("diff-type: "))
          .map((line) =>
            /^diff-type: (\w+), source: (\S+), destination: (\S+), ref1: +(.*?), ref2: (.*?)(?:, workloads-diff-info: (.*))?$/
              .exec(line)
              .slice(1),
          )
      : (format === "csv" ? csvRows(text) : mdRows(text)).filter(([type]) => type !== "diff-type");
  const parts = {};
  for (const [type, from, to, before, after, remark = ""] of entries) {
    const key = remark === "" ? type : `${type}: ${remark}`;
    parts[key] = [...(parts[key] ?? []), { from, to, conn: `${before}|${after}` }];
  }
  return Object.fromEntries(Object.entries(parts).map(([key, list]) => [key, canonical(list)]));
}
