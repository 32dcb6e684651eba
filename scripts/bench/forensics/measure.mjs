import { percentile } from "../machine.mjs";
import { cpuByThread, rssBytes } from "../processes.mjs";

const MB = 1024 * 1024;

/** `p50 12 ms, p95 40 ms (of 20)`. */
export function times(values) {
  const ms = (share) => `${percentile(values, share).toFixed(0)} ms`;
  return `p50 ${ms(0.5)}, p95 ${ms(0.95)}, worst ${ms(1)} (of ${values.length})`;
}

export async function timed(run) {
  const started = performance.now();
  const result = await run();
  return { ms: performance.now() - started, result };
}

/** CPU of processes over some requests: what they cost however busy the machine is. `a 12 + b 40 ms of CPU`. */
export function watchCpu(pids) {
  const seconds = () => Object.values(pids).map((pid) => cpuByThread(pid).total);
  const before = seconds();
  return (requests) =>
    `CPU each: ${Object.keys(pids)
      .map((name, i) => {
        const ms = ((seconds()[i] - before[i]) * 1000) / requests;
        return `${name} ${ms.toFixed(0)} ms`;
      })
      .join(", ")}`;
}

/**
 * Memory of a process and of the engine, while something runs: in the first half of the time, and
 * in the second.
 */
export function watchMemory(pid, engine) {
  const samples = [];
  const look = () => samples.push([rssBytes(pid), rssBytes(engine)]);
  look();
  const timer = setInterval(look, 200);
  return () => {
    clearInterval(timer);
    look();
    const of = (some, i) => Math.max(0, ...some.map((one) => one[i] ?? 0)) / MB;
    const half = Math.ceil(samples.length / 2);
    const part = (i) =>
      `${of(samples.slice(0, half), i).toFixed(0)} → ${of(samples.slice(half), i).toFixed(0)} MB`;
    return `memory ${part(0)}, engine ${part(1)}`;
  };
}

export async function getJson(url) {
  const response = await fetch(url);
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.status} ${url}: ${text.slice(0, 300)}`);
  return JSON.parse(text);
}

/** What there is, to ask for. */
export async function known({ url, range }) {
  const query = new URLSearchParams({
    since: String(range.since),
    until: String(range.since + 600_000),
    limit: "500",
  });
  const { flows } = await getJson(`${url}/api/v1/flows?${query}`);
  // `namespace/name`, as filters want them.
  const pods = flows.flatMap(({ sourcePod, source }) =>
    sourcePod === ""
      ? []
      : [sourcePod.includes("/") ? sourcePod : `${source.namespace}/${sourcePod}`],
  );
  const drops = await getJson(`${url}/api/v1/flows?${query}&filter=--verdict+DROPPED`);
  const [drop] = drops.flows;
  return {
    pods: [...new Set(pods)],
    pair: flows.find(({ sourcePod, destinationPort }) => sourcePod !== "" && destinationPort > 0),
    namespace: drop?.source.namespace || drop?.destination.namespace || "",
  };
}
