// What Cilium's own policy engine decided: a verdict code per probe and side, which policies it
// names for it, which policies it refuses and at which ends it enforces.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  enforcementOf,
  matchContext,
  mergeManifests,
  parseManifests,
  PROFILES,
} from "@dropscope/policy";
import { createJudge } from "./judge.mjs";
import { cidrGroupsOf, endsOf } from "./universe.mjs";

const DERIVED = "reserved:io.cilium.policy.derived-from=";
/** Why an object is listed as refused that is no policy. */
const NOT_EVALUATED = "kind not evaluated";

export async function run(dir, report) {
  const universes = JSON.parse(readFileSync(join(dir, "universes.json"), "utf8"));
  for (const line of readFileSync(join(dir, "verdicts.jsonl"), "utf8").split("\n"))
    if (line.trim() !== "") runScenario(dir, JSON.parse(line), universes, report);
}

function runScenario(dir, scenario, universes, report) {
  const universe = universes[scenario.universe];
  const manifests = readPolicies(dir, scenario);
  checkRefusals(scenario, manifests, report);
  const context = matchContext(
    {
      ...PROFILES.cilium,
      enforcement: scenario.enforcementMode,
      hostFirewall: scenario.hostFirewall,
      cluster: universe.clusterName,
    },
    // Other objects that stand beside the policies it did not read.
    { cidrGroups: cidrGroupsOf(universe) },
  );
  const ends = endsOf(universe);
  checkEnforcement(scenario, ends, manifests.policies, context, report);
  checkRows(scenario, universe, { ends, policies: manifests.policies, context }, report);
}

/** The engine was handed objects that Go had decoded, which does not look at the case of a field's name. */
function readPolicies(dir, { policies, defaultNamespace }) {
  return mergeManifests(
    policies.map((file) => {
      const text = readFileSync(join(dir, file), "utf8").replace(/^apiversion:/gim, "apiVersion:");
      return parseManifests(text, file, { namespace: defaultNamespace });
    }),
  );
}

/** The same policies must be refused; why is worded differently, and the namespace is as it was written. */
function checkRefusals({ name, rejected, defaultNamespace }, { problems }, report) {
  const expected = Object.entries(rejected)
    .filter(([, reason]) => reason !== NOT_EVALUATED)
    .map(([key]) => key);
  const refused = problems
    .filter(({ severity, object }) => severity === "error" && object !== undefined)
    .map(({ object: { kind, namespace, name: refusedName } }) => {
      const unwritten = `${kind}//${refusedName}`;
      return namespace === defaultNamespace && expected.includes(unwritten)
        ? unwritten
        : `${kind}/${namespace}/${refusedName}`;
    });
  report.check(
    `${name}: refused`,
    expected.toSorted(compare),
    [...new Set(refused)].toSorted(compare),
  );
}

function checkEnforcement({ name, enforced }, ends, policies, context, report) {
  for (const [peer, expected] of Object.entries(enforced)) {
    const end = ends.find((one) => one.name === peer);
    const got = ["ingress", "egress"].map(
      (direction) => enforcementOf(end, direction, policies, context).enforced,
    );
    report.check(`${name}: enforced at ${peer}`, expected, got);
  }
}

function checkRows({ name, rows, patterns, origins }, universe, world, report) {
  const judge = createJudge(world.policies, world.context, report);
  for (const [from, to, pattern] of rows) {
    const [egressCodes, egressOrigins, ingressCodes, ingressOrigins] = patterns[pattern];
    universe.probes.forEach(({ proto, port }, i) => {
      const connection = { from: world.ends[from], to: world.ends[to], protocol: proto, port };
      const where = `${name}: ${connection.from.name} → ${connection.to.name} ${proto}/${port}`;
      const decision = judge(connection, where);
      report.check(
        `${where} egress`,
        said(egressCodes[i], origins[egressOrigins[i]]),
        shown(decision.egress),
      );
      report.check(
        `${where} ingress`,
        said(ingressCodes[i], origins[ingressOrigins[i]]),
        shown(decision.ingress),
      );
    });
  }
}

const codes = {
  allowed: "A",
  redirected: "R",
  denied: "D",
  "default-denied": "d",
  "not-enforced": "U",
  "no-endpoint": "-",
};

function said(code, origin) {
  const [names, ...rest] = (origin ?? "").split("#");
  const marks = rest.map((mark) => `#${mark}`).join("");
  // Only an allow or an explicit denial is attributed.
  if (!"ARD".includes(code)) return code;
  return `${code} ${names.split("|").toSorted(compare).join("|")}${marks}`;
}

const authentication = { required: "#auth=spire", "test-always-fail": "#auth=test-always-fail" };

function shown(side) {
  const code = codes[side.outcome];
  if (!"ARD".includes(code)) return code;
  const names =
    side.derived === undefined
      ? [...side.by, ...(side.alsoNamed ?? [])].map(
          ({ policy }) => `${policy.kind}:${policy.namespace}/${policy.name}`,
        )
      : [`${DERIVED}${side.derived}`];
  return `${code} ${[...new Set(names)].toSorted(compare).join("|")}${authentication[side.authentication] ?? ""}`;
}

function compare(a, b) {
  return a < b ? -1 : Number(a > b);
}
