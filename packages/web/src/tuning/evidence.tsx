import type { Evidence } from "@dropscope/model";
import { plural } from "../lib/format.js";
import { safe } from "../lib/safe.js";
import { causeWords } from "../lib/words.js";
import { Ago } from "../parts/text.js";
import { doubts, restsOn } from "./words.js";

/** What an answer rests on, and what it does not know; open on demand. */
export function EvidenceNote({ evidence }: { evidence: Evidence }) {
  const missing = doubts(evidence);
  return (
    <details class="evidence">
      <summary>
        <span>Rests on {restsOn(evidence)}</span>
        {missing.map((text) => (
          <span class="doubt" key={text}>
            <span class="swatch hatch" aria-hidden="true" /> {text}
          </span>
        ))}
      </summary>
      <ul class="evidence-list">
        <li>
          {evidence.firstSeen === null ? (
            "No flow of this range is stored."
          ) : (
            <>
              The oldest flow is of <Ago at={evidence.firstSeen} />, the newest of{" "}
              <Ago at={evidence.lastSeen ?? 0} />; there are flows in {evidence.hoursSeen} of{" "}
              {plural(evidence.hours, "hour")}.
            </>
          )}
        </li>
        {evidence.unknown.map(({ why, edges, flows }) => (
          <li key={why}>
            {plural(edges, "connection")} ({plural(flows, "flow")}) could not be judged, and count
            as nothing: {safe(why, 400)}
          </li>
        ))}
        {causesOf(evidence).map((text) => (
          <li key={text}>{text}</li>
        ))}
        {evidence.left > 0 && (
          <li>
            {plural(evidence.left, "connection")} were beyond what is looked at. Take a shorter
            range, or one workload.
          </li>
        )}
        {missing.length === 0 && <li>Nothing is known to be missing.</li>}
      </ul>
    </details>
  );
}

function causesOf({ gaps }: Evidence): string[] {
  const lost = new Map<string, number>();
  for (const { cause, count } of gaps) lost.set(cause, (lost.get(cause) ?? 0) + count);
  return [...lost].map(
    ([cause, count]) =>
      `Flows are missing: ${safe(causeWords(cause), 200)}${count > 0 ? ` (${plural(count, "event")})` : ""}.`,
  );
}
