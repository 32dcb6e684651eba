import { createWire, type Wire } from "@dropscope/hubble";
import { type Coded } from "@dropscope/store";
import { key64, type Columns } from "./columns.js";
import { putCoded, putNumber, putStrings } from "./put.js";
import { bytes } from "./tags.js";

/** Writes `flow.Endpoint` of one side; equal ones of a block are made once. */
export function createEndpoints(
  columns: Columns,
  side: "src" | "dst",
  hasWorkload: (row: number) => boolean,
): (wire: Wire, number: number, row: number) => void {
  const ids = columns.numbers(`${side}_endpoint`);
  const identities = columns.numbers(`${side}_identity`);
  const labels = columns.words(`${side}_labels`);
  const coded = ["namespace", "pod", "workload", "workload_kind", "cluster"].map((name) =>
    columns.coded(`${side}_${name}`),
  ) as [Coded, Coded, Coded, Coded, Coded];
  const [namespace, pod, workload, kind, cluster] = coded;
  const known = new Map<number, { row: number; message: Uint8Array }[]>();
  const own = createWire();

  const same = (a: number, b: number): boolean =>
    ids[a] === ids[b] &&
    identities[a] === identities[b] &&
    labels[2 * a] === labels[2 * b] &&
    labels[2 * a + 1] === labels[2 * b + 1] &&
    coded.every(({ codes }) => codes[a] === codes[b]) &&
    hasWorkload(a) === hasWorkload(b);

  const make = (row: number): Uint8Array => {
    own.reset();
    putNumber(own, 1, ids[row] as number);
    putNumber(own, 2, identities[row] as number);
    putCoded(own, 3, namespace, row);
    putStrings(own, 4, columns.block.labels(key64(labels, row)) ?? []);
    putCoded(own, 5, pod, row);
    if (hasWorkload(row)) {
      const mark = own.open(bytes(6));
      putCoded(own, 1, workload, row);
      putCoded(own, 2, kind, row);
      own.close(mark);
    }
    putCoded(own, 7, cluster, row);
    return own.bytes();
  };

  return (wire, number, row) => {
    const hash =
      ((ids[row] as number) * 31 + (pod.codes[row] as number)) * 31 + (labels[2 * row] as number);
    let bucket = known.get(hash);
    if (bucket === undefined) known.set(hash, (bucket = []));
    let found = bucket.find((one) => same(one.row, row));
    if (found === undefined) {
      found = { row, message: make(row) };
      bucket.push(found);
    }
    wire.delimited(bytes(number), found.message, 0, found.message.length);
  };
}
