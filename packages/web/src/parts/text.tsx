import type { FlowRow, Peer } from "@dropscope/model";
import type { ComponentChildren } from "preact";
import { ago, near, stamp, zone } from "../lib/format.js";
import { peerText } from "../lib/peer.js";
import { safe } from "../lib/safe.js";
import { now } from "../state/clock.js";
import { range } from "../state/nav.js";
import { utc } from "../state/settings.js";
import { momentOf } from "../state/view.js";

const TAIL = 7;

/** The end of a long name tells pods apart, so the cut is in the middle; the whole is in the title and in what is copied. */
export function Mid({ text, lead }: { text: string; lead?: string | undefined }) {
  const whole = `${lead ?? ""}${text}`;
  const tail = text.length > TAIL + 3 ? text.slice(-TAIL) : "";
  return (
    <span class="mid" title={whole} data-full={whole}>
      <span class="mid-head">
        {lead && <span class="dim">{lead}</span>}
        <span class="strong">{tail === "" ? text : text.slice(0, -TAIL)}</span>
      </span>
      {tail !== "" && <span class="mid-tail strong">{tail}</span>}
    </span>
  );
}

export function PeerName({ peer }: { peer: Peer }) {
  if (peer.namespace === "") {
    return (
      <span class={`peer peer-${peer.kind}`}>
        <Mid text={peerText(peer)} />
      </span>
    );
  }
  return (
    <span class={`peer peer-${peer.kind}`}>
      <Mid lead={`${safe(peer.namespace, 256)}/`} text={safe(peer.name, 256)} />
    </span>
  );
}

/** Who talks to whom. A reply reads as in the CLI: the client stays on the left, and the arrow turns. */
export function Path({ row }: { row: FlowRow }) {
  const reply = row.reply === "yes";
  return (
    <>
      <PeerName peer={reply ? row.destination : row.source} />
      <span class="arrow" aria-hidden="true">
        {reply ? "←" : "→"}
      </span>
      <span class="sr">{reply ? "gets a reply from" : "to"}</span>
      <PeerName peer={reply ? row.source : row.destination} />
    </>
  );
}

/** The port that was talked to: the client's own port says nothing. */
export function serverPort(row: FlowRow): number {
  return row.reply === "yes" ? row.sourcePort : row.destinationPort;
}

/** Relative on the face, exact on hover. */
export function Ago({ at }: { at: number }) {
  if (!(at > 0)) return <span class="dim">–</span>;
  // In a range of the past a place on the chart says more than an age.
  const then = momentOf(range.value);
  const whole = `${stamp(at, utc.value)} ${zone(at, utc.value)}`;
  return (
    <time class="num" dateTime={new Date(at).toISOString()} title={whole}>
      {then === undefined ? ago(at, now.value) : near(at, then, utc.value)}
    </time>
  );
}

export function Key({ children }: { children: ComponentChildren }) {
  return <kbd>{children}</kbd>;
}

/** What is copied from the page is the full text of names that are cut for the eye. */
export function startCopyFull(): void {
  document.addEventListener("copy", (event) => {
    const selection = getSelection();
    if (!selection || selection.isCollapsed || !event.clipboardData) return;
    const part = selection.getRangeAt(0).cloneContents();
    const cut = part.querySelectorAll<HTMLElement>("[data-full]");
    if (cut.length === 0) return;
    for (const name of cut) name.textContent = name.dataset["full"] ?? "";
    for (const cell of part.querySelectorAll("[role=gridcell], td, th")) cell.append("\t");
    for (const row of part.querySelectorAll("[role=row], tr, p, li, dd")) row.append("\n");
    event.clipboardData.setData(
      "text/plain",
      (part.textContent ?? "").replaceAll(/\t\n/g, "\n").trim(),
    );
    event.preventDefault();
  });
}
