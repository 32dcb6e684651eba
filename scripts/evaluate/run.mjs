// Makes the scenes of an evaluation, asks the product about each, and counts.
import { DNS_INCIDENTS } from "./dns-incidents.mjs";
import { DNS_LOOK_ALIKES } from "./dns-look-alikes.mjs";
import { INCIDENTS } from "./incidents.mjs";
import { causesOf, findingsOf } from "./judge.mjs";
import { LOOK_ALIKES } from "./look-alikes.mjs";
import { createRandom } from "./random.mjs";
import { createScore } from "./score.mjs";

/**
 * @param seed same seed, same scenes
 * @param each scenes of every kind of incident; look-alikes are made so that there are as many in all
 * @param judge how the product is asked, for tests of the evaluation itself
 */
export function evaluate({ seed, each, only, judge = { causesOf, findingsOf } }) {
  const causes = createScore();
  const rules = createScore();
  const failures = [];
  const counts = { incidents: 0, lookAlikes: 0 };

  const run = (kinds, times, group, ask) => {
    for (const [kind, make] of Object.entries(kinds))
      for (let i = 0; i < times; i++) {
        const name = `${group} ${kind} ${i}`;
        if (only !== undefined && !name.includes(only)) continue;
        counts[group.startsWith("incident") ? "incidents" : "lookAlikes"] += 1;
        const scene = make(createRandom(`${seed} ${name}`));
        const failed = ask(scene);
        if (failed !== undefined) failures.push({ name, ...failed });
      }
  };
  const askCause = (scene) => {
    const truth = textOf(scene.truth);
    const said = judge.causesOf(scene);
    // Both events of a packet count as one answer: the wrong one, if there is one.
    const wrong = said.find((one) => textOf(one) !== truth);
    const answer = said.length === 0 ? [] : [wrong === undefined ? truth : textOf(wrong)];
    causes.add([truth], answer, (text) => text.slice(0, text.indexOf(" ")));
    return answer[0] === truth ? undefined : { expected: truth, got: wrong?.sentence ?? "nothing" };
  };
  const askRules = (scene) => {
    const said = judge.findingsOf(scene);
    rules.add(scene.truth, said, (finding) => finding.slice(0, finding.indexOf(" ")));
    return said.join() === scene.truth.join() ? undefined : { expected: scene.truth, got: said };
  };

  const share = Object.keys(INCIDENTS).length / Object.keys(LOOK_ALIKES).length;
  run(INCIDENTS, each, "incident", askCause);
  run(LOOK_ALIKES, Math.ceil(each * share), "look-alike", askCause);
  run(DNS_INCIDENTS, each, "incident DNS", askRules);
  run(DNS_LOOK_ALIKES, each, "look-alike DNS", askRules);
  return { causes: causes.rows(), rules: rules.rows(), counts, failures };
}

/** A cause with everybody who is responsible for it: only the whole of it is right. */
const textOf = ({ outcome, responsible }) => `${outcome} ${responsible.toSorted().join(" ")}`;
