import type { NearestRule, ProblemAnswer } from "@dropscope/model";
import { safe } from "../lib/safe.js";

const PARTS: Record<string, string> = {
  peer: "Peer",
  port: "Port",
  protocol: "Protocol",
  "cidr-except": "Address",
  fqdn: "Name",
  entity: "Entity",
  l7: "Request",
};

/** What the rule that came nearest wanted, and what it got. */
export function Nearest({ answer }: { answer: ProblemAnswer }) {
  const { nearest } = answer.problem.explanation;
  if (nearest === null || nearest.failed.length === 0) return null;
  return (
    <section class="panel nearest" aria-label="The nearest miss">
      <div class="panel-head">
        <h2>The nearest miss</h2>
        <span class="dim panel-note mono">
          {safe(nearest.policy, 300)} {safe(nearest.rule, 200)}
        </span>
      </div>
      <WantedGot nearest={nearest} />
    </section>
  );
}

export function WantedGot({ nearest }: { nearest: NearestRule }) {
  return (
    <table class="table wanted">
      <thead>
        <tr>
          <th scope="col">Clause</th>
          <th scope="col">Wanted</th>
          <th scope="col">Got</th>
        </tr>
      </thead>
      <tbody>
        {nearest.failed.map(({ part, wanted, got }) => (
          <tr key={`${part} ${wanted} ${got}`}>
            <td>{PARTS[part] ?? part}</td>
            <td class="mono" data-label="wanted">
              {safe(wanted, 400)}
            </td>
            <td class="mono v-dropped" data-label="got">
              <span aria-hidden="true">✕ </span>
              {safe(got, 400)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
