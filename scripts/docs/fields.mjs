// docs/fields.md from the wire contract and the schema, so that no field can be
// forgotten: every field of flow.Flow is in a column, in `rest`, or named here
// with the reason why it is not kept.
import { FlowSchema, LostEventSchema, NodeStatusEventSchema } from "@dropscope/hubble";
import { FLOW_COLUMNS, IDENTITY_COLUMNS } from "@dropscope/store";

/** Fields that land nowhere, with the reason. */
const notKept = {};

/** Where the fields of the other stream members land. */
const gapFields = {
  source: "gaps.cause, gaps.source",
  num_events_lost: "gaps.count",
  cpu: "gaps.cpu",
  first: "gaps.lost_from",
  last: "gaps.lost_to",
  state_change: "gaps.cause (`node-unavailable`, `node-error`); NODE_CONNECTED ends such a gap",
  node_names: "gaps.node, one row a node",
  message: "gaps.message",
};

const notes = {
  "l7.http.url": "redacted for live sources: user, query values, fragment, token-like path parts",
  "l7.http.headers": "live sources: only headers of `redact-allow-headers`; imported files: all",
  Summary: "URLs inside it are redacted as `l7.http.url` is",
  time: "clamped to 1970..2262; what was clamped is in `rest`",
  uuid: "where absent, a hash of the flow is stored and not given out",
  "source.workloads": "the first in columns, further ones in `rest`",
  "destination.workloads": "the first in columns, further ones in `rest`",
};

function fieldRows(schema, prefix = "", seen = []) {
  return schema.fields.flatMap((field) => {
    const path = `${prefix}${field.name}`;
    const message = field.message;
    const wellKnown = message?.typeName.startsWith("google.protobuf.");
    if (!message || wellKnown || seen.includes(message.typeName) || landing(path).whole)
      return [{ path, number: field.number, type: typeName(field), ...landing(path) }];
    return fieldRows(message, `${path}.`, [...seen, message.typeName]);
  });
}

function typeName(field) {
  const name = field.message?.typeName ?? field.enum?.typeName ?? scalarName(field);
  return `${field.fieldKind === "list" ? "repeated " : ""}${name}`;
}

function scalarName(field) {
  const scalars = {
    1: "double",
    3: "int64",
    4: "uint64",
    5: "int32",
    8: "bool",
    9: "string",
    13: "uint32",
  };
  return scalars[field.scalar] ?? `scalar ${field.scalar}`;
}

/** Columns that hold a path; `whole` when one holds the message as it is. */
function landing(path) {
  const columns = FLOW_COLUMNS.filter(({ from }) => from.includes(path)).map(({ name }) => name);
  for (const column of IDENTITY_COLUMNS)
    if (column.from.includes(path)) columns.push(`identities.${column.name}`);
  if (columns.length > 0)
    return { columns, whole: path !== "l4" && path !== "l7" && !path.endsWith(".workloads") };
  const parents = FLOW_COLUMNS.filter(({ from }) =>
    from.some((item) => path.startsWith(`${item}.`)),
  );
  if (parents.length > 0) return { columns: parents.map(({ name }) => name), whole: false };
  if (path === "extensions") return { columns: ["rest"], whole: true };
  return { columns: [], whole: false };
}

/** @returns the page, and what is wrong with the tables above */
export function fieldsPage() {
  const lines = [
    "# Where every field lands",
    "",
    "Written by `npm run docs` from `proto/flow/flow.proto` and the schema in",
    "`packages/store/src/schema`; `npm test` fails when it is stale. Fields and enum",
    "numbers that a newer Hubble adds are kept in `rest` under `unknown`.",
    "",
    "`dropscope observe -o jsonpb` gives every kept field back as it came.",
    "",
    "## flow.Flow",
    "",
    "| # | field | type | kept in | note |",
    "| ---: | --- | --- | --- | --- |",
  ];
  const forgotten = [];
  for (const { path, number, type, columns } of fieldRows(FlowSchema)) {
    if (columns.length === 0 && !notKept[path]) forgotten.push(path);
    const top = path.split(".").slice(0, 3).join(".");
    const note = notKept[path] ?? notes[path] ?? notes[top] ?? "";
    lines.push(
      `| ${number} | \`${path}\` | ${type} | ${columns.map((name) => `\`${name}\``).join(", ") || "not kept"} | ${note} |`,
    );
  }
  for (const schema of [LostEventSchema, NodeStatusEventSchema]) {
    const title = schema.typeName;
    lines.push("", `## ${title}`, "", "| # | field | kept in |", "| ---: | --- | --- |");
    for (const field of schema.fields) {
      if (!gapFields[field.name]) forgotten.push(`${title}.${field.name}`);
      lines.push(`| ${field.number} | \`${field.name}\` | ${gapFields[field.name] ?? ""} |`);
    }
  }
  lines.push(
    "",
    "## The columns of `flows`",
    "",
    "| column | type | meaning |",
    "| --- | --- | --- |",
    ...FLOW_COLUMNS.map(({ name, type, comment }) => `| \`${name}\` | \`${type}\` | ${comment} |`),
  );
  const problems = forgotten.map((field) => `${field} lands nowhere and no reason is given`);
  return { text: `${lines.join("\n")}\n`, problems };
}
