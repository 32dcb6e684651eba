// Explanations in one process, without a store: each connection for the first time, then again.
import { catalogOfManifests, createDropPairs, createExplainer } from "@dropscope/correlator";
import { mergeManifests, parseManifests, PROFILES } from "@dropscope/policy";
import { percentile } from "../machine.mjs";
import { deniedConnections, packet } from "./drops.mjs";

const profile = PROFILES.cilium;

export function explainRate(size, line) {
  const { files, connections } = deniedConnections(size);
  const manifests = mergeManifests(files.map((text, i) => parseManifests(text, `team-${i}.yaml`)));
  const still = { objects: 0, pods: 0 };
  const explainer = createExplainer({
    history: catalogOfManifests(manifests, profile),
    profile,
    revisions: () => still,
  });
  const start = Date.UTC(2026, 5, 1);
  let number = 0;
  const outcomes = new Map();
  const round = () => {
    const pairs = createDropPairs();
    const times = [];
    const tell = (ready) => {
      for (const { told } of ready) {
        const begin = performance.now();
        const { outcome } = explainer.explain(told);
        times.push(performance.now() - begin);
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      }
    };
    const begin = performance.now();
    for (const connection of connections)
      for (const flow of packet(connection, number++, start + number / 2)) tell(pairs.push(flow));
    tell(pairs.flush());
    return { times, perSecond: times.length / ((performance.now() - begin) / 1000) };
  };
  const [cold, warm] = [round(), [round(), round(), round()].at(-1)];
  const shown = ({ times, perSecond }) =>
    `${Math.round(perSecond).toLocaleString("en-US")} flows/s, each median ${percentile(times, 0.5).toFixed(3)} ms, p99 ${percentile(times, 0.99).toFixed(3)} ms`;
  line(
    "size",
    `${size.policies} policies, ${size.pods} pods, ${size.connections} denied connections`,
  );
  line("explain, first time", shown(cold));
  line("explain, again", shown(warm));
  line("outcomes", [...outcomes].map(([outcome, count]) => `${outcome} ${count}`).join(", "));
}
