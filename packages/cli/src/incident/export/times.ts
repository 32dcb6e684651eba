import { formatTimeNs } from "@dropscope/model";

const NS_PER_MS = 1_000_000n;

export const nsOf = (ms: number): bigint => BigInt(Math.floor(ms)) * NS_PER_MS;
export const msOf = (ns: bigint): number => Number(ns / NS_PER_MS);

/** ms since 1970, to the µs, as RFC 3339; null for "nobody knows since when" and "still". */
export function momentText(ms: number): string | null {
  return Number.isFinite(ms) ? formatTimeNs(BigInt(Math.round(ms * 1000)) * 1000n) : null;
}

/** `2026-11-22 14:02:00`, in UTC. */
export function clockText(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace("T", " ");
}

/** `20261122T140200Z`: may stand in the name of a file. */
export function fileTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replaceAll(/[-:]/g, "")}Z`;
}

/** `1 h 20 min`. */
export function spanText(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const parts: [number, string][] = [
    [Math.floor(seconds / 86_400), "d"],
    [Math.floor((seconds % 86_400) / 3600), "h"],
    [Math.floor((seconds % 3600) / 60), "min"],
    [seconds % 60, "s"],
  ];
  const said = parts.filter(([count]) => count > 0).slice(0, 2);
  return said.length === 0 ? "0 s" : said.map(([count, unit]) => `${count} ${unit}`).join(" ");
}
