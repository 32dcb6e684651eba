import { LAST_ENTITY_IDENTITY, POD_OWNER_PATTERN, RESERVED_IDENTITIES } from "@dropscope/model";

/** Reserved identities that a rollup names: the numbers are Cilium's, and never change. */
const ENTITIES = Object.entries(RESERVED_IDENTITIES).filter(
  ([number]) => Number(number) >= 1 && Number(number) <= LAST_ENTITY_IDENTITY,
);

export const PEER_KIND =
  "Enum8('unknown' = 0, 'workload' = 1, 'pod' = 2, 'name' = 3, 'entity' = 4, 'ip' = 5)";

/**
 * One end of a flow as a rollup names it: the workload, also where only the name of the pod
 * tells it, else the pod, else the first DNS name, else the reserved entity, else the address.
 *
 * The pattern runs over the dictionary of the pod column, once for each name and not for each row.
 */
export function peerTuple(end: "src" | "dst"): string {
  const numbers = ENTITIES.map(([number]) => number).join(", ");
  const names = ENTITIES.map(([, name]) => `'${name}'`).join(", ");
  const owner = `extract(${end}_pod, '${POD_OWNER_PATTERN}')`;
  const has = [
    `${end}_workload != ''`,
    `${owner} != ''`,
    `${end}_pod != ''`,
    `notEmpty(${end}_names)`,
    `${end}_identity BETWEEN 1 AND ${LAST_ENTITY_IDENTITY}`,
    `${end}_ip != toIPv6('::')`,
  ] as const;
  const kinds = ["workload", "workload", "pod", "name", "entity", "ip"];
  const texts = [
    `toString(${end}_workload)`,
    `toString(${owner})`,
    `toString(${end}_pod)`,
    `toString(${end}_names[1])`,
    `transform(${end}_identity, [${numbers}], [${names}], '')`,
    `replaceRegexpOne(toString(${end}_ip), '^::ffff:', '')`,
  ];
  const kind = has.map((condition, at) => `${condition}, '${kinds[at]}'`).join(", ");
  const name = has.map((condition, at) => `${condition}, ${texts[at]}`).join(", ");
  return `(multiIf(${kind}, 'unknown'), toString(${end}_namespace), multiIf(${name}, ''))`;
}
