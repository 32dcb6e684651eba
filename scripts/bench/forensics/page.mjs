// First rows of a page, as the page and REST ask for them.
import { getJson, known, timed, times, watchCpu } from "./measure.mjs";

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 5);

export async function page(stored, line) {
  const { pods, pair, namespace } = await known(stored);
  const [pod = "", other = ""] = pods;
  const filters = {
    "no filter": "",
    "a pod": `--pod ${pod}`,
    "drops of a namespace": `--verdict DROPPED --namespace ${namespace}`,
    "from one pod to a port": `--from-pod ${pair.sourcePod} --to-port ${pair.destinationPort}`,
    "a reason": "--drop-reason-desc POLICY_DENIED",
    "what is not so": `--not --namespace ${namespace} --protocol tcp`,
    "two pods, HTTP": `--pod ${other} --protocol http`,
    "nothing matches": "--to-port 1 --verdict AUDIT",
    "a workload of either end": `--namespace ${namespace} --protocol udp`,
  };
  const all = [];
  for (const [name, filter] of Object.entries(filters)) {
    const values = [];
    let rows = 0;
    const cpu = watchCpu({ server: stored.child.pid, engine: stored.engine });
    for (let round = 0; round < ROUNDS; round += 1) {
      // Another end each time: no answer is one that was given before.
      const until = stored.range.until - round * 61_000;
      const query = new URLSearchParams({
        since: String(stored.range.since),
        until: String(until),
        limit: "100",
        ...(filter === "" ? {} : { filter }),
      });
      try {
        const { ms, result } = await timed(() => getJson(`${stored.url}/api/v1/flows?${query}`));
        values.push(ms);
        rows = result.flows.length;
      } catch (error) {
        line(`page: ${name}`, `skipped: ${String(error).slice(0, 200)}`);
        break;
      }
    }
    if (values.length < ROUNDS) continue;
    all.push(...values);
    line(`page: ${name}`, `${times(values)}, ${rows} rows; ${cpu(ROUNDS)}`);
  }
  line("page: first rows", times(all));
}
