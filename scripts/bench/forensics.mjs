// What it costs to look at any moment again:
//   observer  `serve --observer`: time to the first of the last 100 flows of a pod, and the whole
//             range as a stream, with the memory of server and engine meanwhile
//   page      REST flows with filters, first rows
//   compare   two ranges of one hour
//   incident  `incident export` of a million flows
//
// Flows of the simulated cluster come over gRPC through spool and store, as in life; the store then
// multiplies them: each copy has an id of its own and another time within 24 hours.
//   BENCH_FLOWS   10,000,000 when absent
//   BENCH_PARTS   observer,page,compare,incident
//   BENCH_DATA    a folder in which the flows are kept for the next time; they are of their own day
import { startStored } from "./forensics/stored.mjs";
import { compare } from "./forensics/compare.mjs";
import { incident } from "./forensics/incident.mjs";
import { observer } from "./forensics/observer.mjs";
import { page } from "./forensics/page.mjs";

const line = (name, text) => process.stdout.write(`${name.padEnd(46)} ${text}\n`);
const flows = Number(process.env.BENCH_FLOWS ?? 10_000_000);
const parts = { observer, page, compare, incident };
const asked = (process.env.BENCH_PARTS ?? Object.keys(parts).join(",")).split(",");

const stored = await startStored(flows, line);
for (const name of asked) {
  const part = parts[name];
  if (part === undefined) line(name, `skipped: there is no such part`);
  else await part(stored, line);
}
await stored.stop();
process.exit();
