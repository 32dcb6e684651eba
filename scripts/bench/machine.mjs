import { cpus, loadavg, totalmem } from "node:os";

export function describeMachine() {
  const [cpu] = cpus();
  return [
    `machine: ${cpus().length} × ${cpu?.model ?? "unknown CPU"}, ${(totalmem() / 1024 ** 3).toFixed(0)} GiB`,
    `node ${process.versions.node}, load before ${loadavg()
      .map((value) => value.toFixed(1))
      .join(" ")}`,
  ].join("\n");
}

/** The value below which the given share of the list lies. */
export function percentile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}
