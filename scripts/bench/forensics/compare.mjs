// Two ranges of one hour, side by side.
import { getJson, timed, times, watchCpu } from "./measure.mjs";

const HOUR = 3_600_000;
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 5);

export async function compare({ url, range, child, engine }, line) {
  for (const [name, filter] of [
    ["everything", ""],
    ["drops", "--verdict DROPPED"],
  ]) {
    const values = [];
    const cpu = watchCpu({ server: child.pid, engine });
    for (let round = 0; round < ROUNDS; round += 1) {
      const at = range.until - round * HOUR;
      const query = new URLSearchParams({
        since: String(at - HOUR),
        until: String(at),
        withSince: String(at - 7 * HOUR),
        withUntil: String(at - 6 * HOUR),
        ...(filter === "" ? {} : { filter }),
      });
      try {
        values.push((await timed(() => getJson(`${url}/api/v1/compare?${query}`))).ms);
      } catch (error) {
        line(`compare two hours: ${name}`, `skipped: ${String(error).slice(0, 200)}`);
        return;
      }
    }
    line(`compare two hours: ${name}`, `${times(values)}; ${cpu(ROUNDS)}`);
  }
}
