// Truth tables of generated NetworkPolicies: every pair of pods, in every step of every case.
// `cilium-differences.json` lists the checks on which Cilium's engine disagrees.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createJudge } from "./judge.mjs";
import { cilium, kubernetes, parsePort, podOf, policiesOf, verdicts } from "./kubernetes.mjs";

export async function run(dir, report) {
  const lines = readFileSync(join(dir, "cases.jsonl"), "utf8").split("\n");
  const differences = readDifferences(join(dir, "cilium-differences.json"));
  for (const line of lines) {
    if (line.trim() === "") continue;
    const testCase = JSON.parse(line);
    testCase.steps.forEach((step, index) =>
      runStep(`case ${testCase.index} step ${index}`, step, report),
    );
    runDifferences(testCase, differences[testCase.index] ?? [], report);
  }
}

function readDifferences(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
}

function runStep(name, step, report) {
  const { pods, policies } = stateOf(name, step, report);
  const judge = createJudge(policies, kubernetes, report);
  for (const [from, row] of Object.entries(step.expected))
    for (const [to, checks] of Object.entries(row)) {
      // A real pod cannot keep itself out.
      if (from === to) continue;
      for (const [port, expected] of Object.entries(checks)) {
        const connection = { from: pods.get(from), to: pods.get(to), ...parsePort(port) };
        const where = `${name}: ${from} → ${to} ${port}`;
        const got = verdicts(judge(connection, where));
        ["ingress", "egress", "combined"].forEach((side, i) =>
          report.check(`${where} ${side}`, expected[i], got[i]),
        );
      }
    }
}

function stateOf(name, step, report) {
  return {
    pods: new Map(
      step.pods.map((pod) => [
        `${pod.namespace}/${pod.name}`,
        podOf(pod, step.namespaces[pod.namespace]),
      ]),
    ),
    policies: policiesOf(step.policies, name, report),
  };
}

/** A difference names no step: it is about one of those in which the API's verdict is the one it was compared with. */
function runDifferences(testCase, differences, report) {
  for (const { src, dst, key, apiExpected, ciliumIngress, ciliumEgress } of differences) {
    if (src === dst) continue;
    const name = `case ${testCase.index}, Cilium: ${src} → ${dst} ${key}`;
    const answers = testCase.steps
      .filter(({ expected }) => expected[src]?.[dst]?.[key]?.join() === apiExpected.join())
      .map((step) => {
        const { pods, policies } = stateOf(name, step, report);
        const connection = { from: pods.get(src), to: pods.get(dst), ...parsePort(key) };
        return verdicts(createJudge(policies, cilium, report)(connection, name)).slice(0, 2);
      });
    const expected = [ciliumIngress, ciliumEgress];
    const fitting = answers.find((answer) => answer.join() === expected.join());
    report.check(name, expected, fitting ?? answers.at(-1) ?? "no step with this check");
  }
}
