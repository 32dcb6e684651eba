import { normalizeName } from "@dropscope/policy";

/** What the search list of a pod appends to a name, the longest first. */
export function searchSuffixes(namespace: string, clusterDomain: string): string[] {
  const domain = normalizeName(clusterDomain);
  return [...(namespace === "" ? [] : [`${namespace}.svc.${domain}`]), `svc.${domain}`, domain];
}

/**
 * The name without the search suffix that a resolver appended to it; undefined where
 * it ends in none. Normalized: lower case, no trailing dot.
 */
export function withoutSuffix(
  query: string,
  namespace: string,
  clusterDomain: string,
): string | undefined {
  const name = normalizeName(query);
  for (const suffix of searchSuffixes(namespace, clusterDomain))
    if (name.length > suffix.length + 1 && name.endsWith(`.${suffix}`))
      return name.slice(0, -suffix.length - 1);
  return undefined;
}

/** The last two labels: names without number, such as hashes below one domain, share them. */
export function zoneOf(name: string): string {
  return normalizeName(name).split(".").slice(-2).join(".");
}
