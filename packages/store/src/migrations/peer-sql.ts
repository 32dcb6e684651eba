/** Reserved identities that a rollup names: the numbers are Cilium's, and never change. */
const RESERVED = {
  1: "host",
  2: "world",
  3: "unmanaged",
  4: "health",
  5: "init",
  6: "remote-node",
  7: "kube-apiserver",
  8: "ingress",
  9: "world-ipv4",
  10: "world-ipv6",
} as const;

export const PEER_KIND =
  "Enum8('unknown' = 0, 'workload' = 1, 'pod' = 2, 'name' = 3, 'entity' = 4, 'ip' = 5)";

/**
 * One end of a flow as a rollup names it: the workload, else the pod, else the first DNS
 * name, else the reserved entity, else the address.
 */
export function peerTuple(end: "src" | "dst"): string {
  const numbers = Object.keys(RESERVED).join(", ");
  const names = Object.values(RESERVED)
    .map((name) => `'${name}'`)
    .join(", ");
  const has = [
    `${end}_workload != ''`,
    `${end}_pod != ''`,
    `notEmpty(${end}_names)`,
    `${end}_identity BETWEEN 1 AND 10`,
    `${end}_ip != toIPv6('::')`,
  ] as const;
  const kinds = ["workload", "pod", "name", "entity", "ip"];
  const texts = [
    `toString(${end}_workload)`,
    `toString(${end}_pod)`,
    `toString(${end}_names[1])`,
    `transform(${end}_identity, [${numbers}], [${names}], '')`,
    `replaceRegexpOne(toString(${end}_ip), '^::ffff:', '')`,
  ];
  const kind = has.map((condition, at) => `${condition}, '${kinds[at]}'`).join(", ");
  const name = has.map((condition, at) => `${condition}, ${texts[at]}`).join(", ");
  return `(multiIf(${kind}, 'unknown'), toString(${end}_namespace), multiIf(${name}, ''))`;
}
