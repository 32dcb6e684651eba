// Asks the product: the same functions that explain offline and online.
import {
  catalogOfManifests,
  createDropPairs,
  createExplainer,
  dnsFindings,
  isExplained,
} from "@dropscope/correlator";
import { mergeManifests, parseManifests, PROFILES } from "@dropscope/policy";
import { clusterManifests } from "./cluster.mjs";
import { START } from "./flows.mjs";

const profile = PROFILES.cilium;

function catalogOf({ cluster, extra = [], history = [] }, policies, manifests) {
  const all = () => [...cluster.all(), ...extra.filter((one) => one.pods !== undefined)];
  const objects = [
    ...(manifests ?? clusterManifests({ namespaces: cluster.namespaces, all })),
    ...policies,
  ];
  const parsed = mergeManifests([parse(objects)]);
  const errors = parsed.problems.filter(({ severity }) => severity === "error");
  if (errors.length > 0)
    throw new Error(`a scene is wrong: ${errors[0].message} ${JSON.stringify(policies)}`);
  const catalog = catalogOfManifests(parsed, profile);
  for (const { at, set, remove } of history)
    if (set === undefined) catalog.apply({ type: "delete", at, id: remove });
    else {
      const { policies: value } = parse([set]);
      const [{ kind, namespace, name }] = value;
      catalog.apply({ type: "set", at, object: { kind, namespace, name, value } });
    }
  return catalog;
}

const parse = (objects) =>
  parseManifests(objects.map((one) => JSON.stringify(one)).join("\n---\n"), "scene.yaml");

/** What is said of the drops of a scene: the cause, and who is responsible. */
export function causesOf({ scene, policies, ids }) {
  const explainer = createExplainer({ history: catalogOf(scene, policies), profile });
  const pairs = createDropPairs();
  const dropped = scene.recorder.flows.filter(isExplained);
  const told = [...dropped.flatMap((flow) => pairs.push(flow)), ...pairs.flush()];
  return told
    .filter(({ flow }) => ids.includes(flow.uuid))
    .map((one) => {
      const { outcome, selecting, denying, sentence } = explainer.explain(one.told);
      const named = outcome === "denied-by-rule" ? denying : selecting;
      return { outcome, responsible: [...new Set(named.map(keyOf))].sort(), sentence };
    });
}

/** Findings of a scene as `rule namespace/workload`. */
export function findingsOf({ scene, policies, cut }) {
  const { flows, gaps } = scene.recorder;
  const until = cut === undefined ? undefined : new Date(START + cut * 1000).toISOString();
  const seen = flows.filter(({ time }) => until === undefined || time < until);
  const found = dnsFindings(seen, { history: catalogOf(scene, policies), profile }, { gaps });
  return [
    ...new Set(found.map(({ rule, client }) => `${rule} ${client.namespace}/${client.name}`)),
  ].sort();
}

const keyOf = ({ kind, namespace, name }) => `${kind}/${namespace}/${name}`;
