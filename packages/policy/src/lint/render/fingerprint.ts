import type { Finding } from "../finding.js";

/**
 * A name for each finding that stays when lines move: of the lint, the object and
 * the path in it. The second of the same name gets `:2`.
 */
export function fingerprints(findings: readonly Finding[]): string[] {
  const seen = new Map<string, number>();
  return findings.map(({ id, object: { kind, namespace, name }, place: { path } }) => {
    const hash = fnv64(JSON.stringify([id, kind, namespace, name, path]));
    const count = (seen.get(hash) ?? 0) + 1;
    seen.set(hash, count);
    return count === 1 ? hash : `${hash}:${count}`;
  });
}

/** FNV-1a of 64 bits over UTF-16 units, in hexadecimal: only sameness counts, nobody guards against collisions made on purpose. */
function fnv64(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (let index = 0; index < text.length; index++)
    hash = BigInt.asUintN(64, (hash ^ BigInt(text.charCodeAt(index))) * 0x100000001b3n);
  return hash.toString(16).padStart(16, "0");
}
