import type { ProblemAnswer } from "@dropscope/model";
import { safe } from "../lib/safe.js";
import { Goto } from "../parts/goto.js";
import { plain } from "./words.js";

/** Name lookups that these drops break, or are broken by. */
export function ProblemDns({ answer }: { answer: ProblemAnswer }) {
  if (answer.dns.length === 0) return null;
  return (
    <section class="panel side-panel" aria-label="Name lookups">
      <h2>Name lookups</h2>
      <ul class="dns-list">
        {answer.dns.map((finding) => (
          <li key={finding.id}>
            <p>{plain(finding.sentence)}</p>
            {finding.stall && (
              <p class="dim">
                Stall: {finding.stall.from}–{finding.stall.to} s, {safe(finding.stall.reason, 300)}
              </p>
            )}
            <p>
              <Goto to={{ place: "dns", item: finding.id }}>Rule {finding.rule}</Goto>
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}
