/** A source of the cluster's past that says what a test tells it to, as if it had watched all along. */
import type { CatalogSource, SourceChange } from "@dropscope/correlator";
import { type CatalogObject, type ObjectKind, parseManifests } from "@dropscope/policy";

const KINDS: readonly ObjectKind[] = [
  "NetworkPolicy",
  "CiliumNetworkPolicy",
  "CiliumClusterwideNetworkPolicy",
  "Namespace",
  "Pod",
];

export interface ToldCluster {
  /** Everything of a YAML text is so from then on, ms since 1970. */
  set(at: number, yaml: string): void;
  remove(at: number, kind: string, namespace: string, name: string): void;
  readonly source: CatalogSource;
}

type Told = Extract<SourceChange, { type: "set" | "delete" }>;

/** @param since when all kinds were listed first; what was told for earlier was so before */
export function toldCluster(since: number): ToldCluster {
  const told: Told[] = [];
  let listener: (changes: readonly SourceChange[]) => void = () => undefined;
  return {
    set(at, yaml) {
      for (const manifest of yaml.split(/^---\n/m)) {
        const object = objectOf(manifest);
        const written = object.kind === "Pod" ? {} : { manifest };
        told.push({
          type: "set",
          at,
          observed: { object, uid: `${object.name}@${at}`, ...written },
        });
      }
    },
    remove(at, kind, namespace, name) {
      told.push({ type: "delete", at, id: { kind, namespace, name } as CatalogObject });
    },
    source: {
      name: "kubernetes",
      onChange: (given) => {
        listener = given;
      },
      start: () => {
        const changes = told.toSorted((a, b) => a.at - b.at);
        const before = changes.filter(({ at }) => at <= since);
        for (const kind of KINDS)
          listener([
            {
              type: "list",
              kind,
              at: since,
              objects: before.flatMap((one) =>
                one.type === "set" && one.observed.object.kind === kind
                  ? [{ ...one.observed, created: one.at }]
                  : [],
              ),
            },
          ]);
        for (const change of changes) if (change.at > since) listener([change]);
        for (const kind of KINDS) listener([{ type: "alive", kind, at: Date.now() }]);
        return Promise.resolve();
      },
      stop: () => Promise.resolve(),
      status: () => [],
    },
  };
}

function objectOf(manifest: string): CatalogObject {
  const read = parseManifests(manifest, "told.yaml");
  const [policy] = read.policies;
  if (policy !== undefined) return { ...policy, value: read.policies } as unknown as CatalogObject;
  for (const value of read.workloads)
    return { kind: "Pod", namespace: value.namespace, name: value.name, value };
  for (const value of read.namespaces)
    return { kind: "Namespace", namespace: "", name: value.name, value };
  throw new Error(`Nothing in ${manifest}`);
}
