import type { AddressAnswer, AddressOwner } from "@dropscope/model";
import { useSignal } from "@preact/signals";
import { clock } from "../lib/format.js";
import { safe } from "../lib/safe.js";
import { useAsked } from "../state/asked.js";
import { utc } from "../state/settings.js";

/** Addresses that a cluster gives out: nobody's pod has any other. */
const PRIVATE =
  /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|f[cd])/i;

/** Who had an address at the time of a flow that does not say it, and who has had it around then. */
export function AddressThen({ address, at }: { address: string; at: number }) {
  const about = useSignal("");
  about.value = PRIVATE.test(address) && Number.isFinite(at) ? `${address} ${at}` : "";
  const asked = useAsked<AddressAnswer>(() =>
    about.value === ""
      ? undefined
      : {
          path: `addresses/${encodeURIComponent(about.value.split(" ")[0] ?? "")}`,
          query: { at: about.value.split(" ")[1] },
          about: about.value,
        },
  );
  const { answer } = asked.value;
  if (!answer || (answer.owner === null && answer.others.length === 0)) return null;
  return (
    <span class="address-then">
      {answer.owner === null ? (
        <span class="dim">nobody's then</span>
      ) : (
        <span>
          then of <span class="mono strong">{nameOf(answer.owner)}</span>
        </span>
      )}
      {answer.others.slice(-2).map((other) => (
        <span class="dim" key={`${nameOf(other)} ${other.from}`}>
          {spanText(other, answer.at)} of <span class="mono">{nameOf(other)}</span>
        </span>
      ))}
    </span>
  );
}

function nameOf({ kind, namespace, name }: AddressOwner): string {
  return safe(kind === "Node" ? `node ${name}` : `${namespace}/${name}`, 300);
}

function spanText({ from, to }: AddressOwner, at: number): string {
  if (to !== null && to <= at) return `until ${clock(to, utc.value)}`;
  return from !== null && from > at ? `from ${clock(from, utc.value)}` : "also";
}
