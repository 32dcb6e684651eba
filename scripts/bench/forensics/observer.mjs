// Hubble's own API on the store, as a client that only counts: what it decodes is its own cost.
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { FlowFilterSchema, GetFlowsRequestSchema, GetFlowsResponseSchema } from "@dropscope/hubble";
import { createRequire } from "node:module";
import { known, times, watchMemory } from "./measure.mjs";
import { root } from "../../prepare.mjs";

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 5) * 4;
const METHOD = "/observer.Observer/GetFlows";

export async function observer(stored, line) {
  if (stored.observer === undefined) {
    line("observer", "skipped: `serve` has no --observer");
    return;
  }
  const { Client, credentials } = createRequire(`${root}packages/ingester/package.json`)(
    "@grpc/grpc-js",
  );
  const client = new Client(stored.observer, credentials.createInsecure(), {
    "grpc-node.flow_control_window": 4 * 1024 * 1024,
  });
  const { pods } = await known(stored);
  const first = [];
  let rows = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const pod = [pods[round % pods.length]];
    const request = create(GetFlowsRequestSchema, {
      number: 100n,
      whitelist: [
        create(FlowFilterSchema, { sourcePod: pod }),
        create(FlowFilterSchema, { destinationPod: pod }),
      ],
      until: timestampFromMs(stored.range.until - round * 61_000),
    });
    const { firstMs, messages } = await ask(client, request);
    first.push(firstMs);
    rows += messages;
  }
  line(
    "observer: --last 100 of a pod, first flow",
    `${times(first)}, ${(rows / ROUNDS).toFixed(0)} flows each`,
  );

  const { since, until } = stored.range;
  const request = create(GetFlowsRequestSchema, {
    since: timestampFromMs(since),
    until: timestampFromMs(until),
  });
  const memory = watchMemory(stored.child.pid, stored.engine);
  const { messages, bytes, ms, firstMs, last } = await ask(client, request);
  const held = memory();
  // Control: they are what they should be.
  const kind =
    last === undefined ? "none" : fromBinary(GetFlowsResponseSchema, last).responseTypes.case;
  line(
    "observer: the whole range",
    `${messages.toLocaleString("en")} messages (last: ${kind}) in ${(ms / 1000).toFixed(1)} s, ${Math.round(messages / (ms / 1000)).toLocaleString("en")}/s, ${(bytes / 1e6).toFixed(0)} MB, first after ${firstMs.toFixed(0)} ms; ${held}`,
  );
  client.close();
}

function ask(client, request) {
  const started = performance.now();
  const bytesOf = (message) => Buffer.from(toBinary(GetFlowsRequestSchema, message));
  const call = client.makeServerStreamRequest(METHOD, bytesOf, (data) => data, request);
  let firstMs = Number.NaN;
  let messages = 0;
  let bytes = 0;
  let last;
  return new Promise((resolve, reject) => {
    call.on("data", (data) => {
      if (messages === 0) firstMs = performance.now() - started;
      messages += 1;
      bytes += data.length;
      last = data;
    });
    call.on("error", reject);
    call.on("end", () =>
      resolve({ firstMs, messages, bytes, last, ms: performance.now() - started }),
    );
  });
}
