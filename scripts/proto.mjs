// Compiles proto/ into the code that needs it: typed messages for packages/hubble,
// and the enum names that every package (the browser too) shows to people.
// Run `npm run proto` after a change in proto/; the result is committed.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const buf = `${root}node_modules/.bin/buf`;
const run = (...args) =>
  execFileSync(buf, args, { cwd: `${root}proto`, maxBuffer: 64 << 20, encoding: "utf8" });

run("generate");
const image = JSON.parse(run("build", "-o", "-#format=json"));

const wanted = {
  Verdict: "VERDICTS",
  FlowType: "FLOW_TYPES",
  DropReason: "DROP_REASONS",
  TrafficDirection: "TRAFFIC_DIRECTIONS",
  TraceObservationPoint: "OBSERVATION_POINTS",
  TraceReason: "TRACE_REASONS",
  IPVersion: "IP_VERSIONS",
  AuthType: "AUTH_TYPES",
  L7FlowType: "L7_TYPES",
  LostEventSource: "LOST_EVENT_SOURCES",
  SocketTranslationPoint: "SOCKET_POINTS",
  DebugCapturePoint: "DEBUG_CAPTURE_POINTS",
  NodeState: "NODE_STATES",
};
const enums = image.file.flatMap((file) => file.enumType ?? []);
const lines = [
  "// Written by `npm run proto` from proto/. Numbers are Hubble's; a number that is",
  "// not listed here comes from a newer Hubble and is kept and shown as a number.",
];
for (const [name, constant] of Object.entries(wanted)) {
  const found = enums.find((candidate) => candidate.name === name);
  lines.push("", `export const ${constant} = {`);
  for (const value of found.value) lines.push(`  ${value.number ?? 0}: "${value.name}",`);
  lines.push("} as const;");
}
writeFileSync(`${root}packages/model/src/enums.gen.ts`, `${lines.join("\n")}\n`);
execFileSync(
  `${root}node_modules/.bin/oxfmt`,
  ["packages/model/src/enums.gen.ts", "packages/hubble/src/gen"],
  { cwd: root },
);
