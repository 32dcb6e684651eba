import type { DnsAnswer, DnsRatesAnswer } from "@dropscope/model";
import { NoFlows, WiderRange } from "../parts/empty-flows.js";
import { PageHead } from "../parts/page-head.js";
import { Empty, ErrorBox, Skeleton } from "../parts/states.js";
import { range } from "../state/nav.js";
import { coverage, when } from "../state/picture.js";
import { useRanged } from "../state/ranged.js";
import { RuleGroupPanel } from "./findings.js";
import { RatesPanel } from "./rates-panel.js";
import { dnsSentence, groupsOf } from "./words.js";

/** What is wrong with name lookups, for whom, and how lookups went. */
export function DnsPage() {
  const asked = useRanged<DnsAnswer>("dns", 10_000, false);
  const rates = useRanged<DnsRatesAnswer>("dns/rates", 30_000, false);
  const { answer, failure, loading, again } = asked.value;
  const sentence = dnsSentence(answer?.findings ?? []);
  const nothingStored = (coverage.value?.lagMs ?? 0) < 0;
  return (
    <div class="place-page dns-page" aria-busy={loading}>
      {answer ? (
        <PageHead
          title="DNS"
          {...sentence}
          rest={[when.value, sentence.rest].filter((part) => part !== "").join("; ")}
          asked={asked.value}
        />
      ) : (
        <PageHead title="DNS" />
      )}
      {answer && nothingStored && answer.findings.length === 0 ? (
        <section class="panel pad-top" aria-label="First steps">
          <NoFlows />
        </section>
      ) : (
        <>
          <RatesPanel asked={rates.value} />
          {!answer && (
            <section class="panel pad-top" aria-label="Findings">
              {failure && !loading ? (
                <ErrorBox error={failure} retry={again} />
              ) : (
                <Skeleton rows={6} label="Loading findings" />
              )}
            </section>
          )}
          {answer && answer.findings.length === 0 && (
            <section class="panel pad-top" aria-label="Findings">
              <NoFindings />
            </section>
          )}
          {groupsOf(answer?.findings ?? []).map((group) => (
            <RuleGroupPanel group={group} key={group.rule} />
          ))}
        </>
      )}
    </div>
  );
}

function NoFindings() {
  return (
    <Empty title="No finding in this range.">
      <p class="dim">
        Looked for: lookups that are dropped, refused or not answered, servers that fail, names that
        expand without end, and addresses that toFQDNs does not know.
      </p>
      <p class="row-of-buttons">
        <WiderRange range={range.value} />
      </p>
    </Empty>
  );
}
