// A relay that tells of denied packets at a steady rate, until it is ended:
//   node feeder.mjs RATE POLICIES PODS NAMESPACES CONNECTIONS FOLDER
// Writes the policies into the folder, then its address. Each packet has two events.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fromJson, toBinary } from "@bufbuild/protobuf";
import { GetFlowsResponseSchema } from "@dropscope/hubble";
import { FakeRelay } from "@dropscope/ingester/testing";
import { deniedConnections, packet } from "./drops.mjs";

const [rate, policies, pods, namespaces, connections] = process.argv.slice(2, 7).map(Number);
const folder = process.argv[7];
const denied = deniedConnections({ policies, pods, namespaces, connections });
for (const [i, text] of denied.files.entries()) writeFileSync(join(folder, `team-${i}.yaml`), text);

/** Messages are made once; only ids and times change, and they have one length. */
const templates = denied.connections.map((connection) =>
  packet(connection, 0, 0).map((flow) =>
    fromJson(GetFlowsResponseSchema, { flow, node_name: flow.node_name, time: flow.time }),
  ),
);
const nodes = [...new Set(templates.map(([first]) => first.nodeName))];
const relay = await new FakeRelay({ nodes, capacity: 65_535 }).start();
process.stdout.write(`${JSON.stringify({ address: relay.address })}\n`);

let sent = 0;
let begun;
setInterval(() => {
  // Nobody listens yet, or the first one takes what was before.
  if (relay.streams === 0) return;
  begun ??= performance.now();
  const due = Math.floor(((performance.now() - begun) / 1000) * rate);
  for (; sent < due; sent++) tell(sent);
}, 20);

function tell(number) {
  const ms = Date.now();
  for (const [i, message] of templates[number % templates.length].entries()) {
    const timeNs = BigInt(ms) * 1_000_000n + BigInt((number * 2 + i) % 1_000_000);
    const time = { seconds: timeNs / 1_000_000_000n, nanos: Number(timeNs % 1_000_000_000n) };
    const flow = message.responseTypes.value;
    Object.assign(message.time, time);
    Object.assign(flow.time, time);
    flow.uuid = `00000000-0000-4000-8000-${(number * 2 + i).toString(16).padStart(12, "0")}`;
    // Another packet, of another socket.
    flow.l4.protocol.value.sourcePort = 32_768 + (number % 28_000);
    relay.emit(message.nodeName, timeNs, toBinary(GetFlowsResponseSchema, message));
  }
}
