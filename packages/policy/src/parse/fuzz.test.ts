import * as fc from "fast-check";
import { expect, test } from "vitest";
import { stringify } from "yaml";
import type { Manifests } from "../objects.js";
import type { Place } from "../place.js";
import { parseManifests } from "./manifests.js";
import { mergeManifests } from "./merge.js";
import { anp, ccnp, cnp, kcnp, knp } from "./testing.js";

/** One of everything, so that mutations reach every reader. */
const documents = [
  knp(`
  podSelector: {matchLabels: {app: web}, matchExpressions: [{key: a, operator: In, values: [b]}]}
  policyTypes: [Ingress, Egress]
  ingress:
  - from: [{podSelector: {}, namespaceSelector: {}}, {ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}]
    ports: [{port: 80, endPort: 90}, {port: dns, protocol: UDP}]
  egress: [{}]`),
  cnp(`
  endpointSelector: {matchLabels: {'k8s:app': web}}
  enableDefaultDeny: {ingress: true}
  ingress:
  - fromEndpoints: [{}, {matchLabels: {'reserved:host': ''}}]
    authentication: {mode: required}
    toPorts: [{ports: [{port: '80', protocol: TCP}], rules: {http: [{method: GET, path: /a}]}}]
  - icmps: [{fields: [{type: 8, family: IPv4}]}]
  egress:
  - toFQDNs: [{matchName: a.example}, {matchPattern: '*.b'}]
  - toCIDRSet: [{cidr: 10.0.0.0/8, except: [10.1.0.0/16]}, {cidrGroupRef: g}]
  - toServices: [{k8sService: {serviceName: s, namespace: web}}]
  - toEntities: [world]`),
  ccnp(
    "{nodeSelector: {}, ingressDeny: [{fromNodes: [{}]}], egressDeny: [{toGroups: [{aws: {}}]}]}",
  ),
  anp(`
  priority: 1
  subject: {pods: {namespaceSelector: {}, podSelector: {}}}
  egress: [{name: x, action: Deny, to: [{networks: [10.0.0.0/8]}, {nodes: {}}], ports: [{portRange: {start: 1, end: 2}}]}]`),
  kcnp(`
  tier: Admin
  priority: 1
  subject: {namespaces: {}}
  egress: [{action: Accept, to: [{domainNames: ['*.a.example']}], protocols: [{tcp: {destinationPort: {number: 1}}}]}]`),
  "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Pod, metadata: {name: a, labels: {a: b}}, spec: {containers: [{ports: [{name: w, containerPort: 1}]}]}}\n- {apiVersion: v1, kind: Service, metadata: {name: s}, spec: {ports: [{port: 80, targetPort: w}]}}\n",
  "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: i}\nspec: {rules: [{http: {paths: [{backend: {service: {name: s, port: {number: 80}}}}]}}]}\n",
];
const text = documents.join("---\n");

/** Every place anywhere in the results. */
function* placesIn(value: unknown): Generator<Place> {
  if (typeof value !== "object" || value === null) return;
  if ("line" in value && "path" in value) yield value as Place;
  else for (const item of Object.values(value)) yield* placesIn(item);
}

function check(mutated: string): Manifests {
  const manifests = mergeManifests([parseManifests(mutated, "f")]);
  const lines = mutated.split("\n");
  const { sources, ...rest } = manifests;
  const outside = [...placesIn(rest)].filter(
    ({ file, line, column }) =>
      file !== "f" || column < 1 || !(column <= (lines[line - 1]?.length ?? -1) + 1),
  );
  expect(outside).toEqual([]);
  for (const { message, fix } of manifests.problems)
    expect([message.length > 0, message.length < 900, fix.length > 0]).toEqual([true, true, true]);
  for (const source of sources)
    for (const { place, object } of manifests.problems)
      if (object?.name === source.name && object.kind === source.kind && place.path !== "") {
        const found = source.placeOf(place.path);
        // The nearest parent, for what is missing.
        expect(place.path.startsWith(found.path)).toBe(true);
      }
  return manifests;
}

test("unchanged, nothing is wrong with it", () => {
  expect(check(text).problems).toEqual([]);
});

test("characters put in, taken out and exchanged", () => {
  const junk = fc.constantFrom(
    ..." \n\t-:#'\"[]{},|>&*!?~%@`\\0a_/".split(""),
    "- ",
    ": ",
    " #",
    "\r\n",
    "null",
    "---\n",
    "&a ",
    "*a",
    "<<: ",
    "__proto__: ",
    "\uFEFF",
    "\u2028",
    "😀",
  );
  const edit = fc.record({ at: fc.nat(text.length), cut: fc.nat(6), insert: junk });
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
      let mutated = text;
      for (const { at, cut, insert } of edits)
        mutated = mutated.slice(0, at) + insert + mutated.slice(at + cut);
      check(mutated);
    }),
    { numRuns: 300, seed: 20_261 },
  );
});

test("values exchanged for any others", () => {
  const anything = fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    fc.constantFrom<unknown[]>(
      {},
      [],
      [null],
      [[]],
      [{}],
      "",
      "x".repeat(300),
      -1,
      0,
      65_536,
      1e21,
      "10.0.0.0/8",
      JSON.parse('{"__proto__": {"a": 1}, "constructor": null}'),
    ),
  );
  const objects = documents.slice(0, 5).map((one) => {
    const { value } = parseManifests(one, "f").sources[0]!;
    return JSON.stringify(value);
  });
  fc.assert(
    fc.property(
      fc.constantFrom(...objects),
      fc.array(fc.tuple(fc.nat(), anything), { minLength: 1, maxLength: 3 }),
      (object, changes) => {
        const value = JSON.parse(object) as unknown;
        for (const [index, replacement] of changes)
          exchange(value, index, JSON.parse(JSON.stringify(replacement)));
        for (const mutated of [JSON.stringify(value), stringify(value)]) check(mutated);
      },
    ),
    { numRuns: 300, seed: 7 },
  );
});

/** Puts `replacement` into one of the value's inner places, counted in the order of writing. */
function exchange(value: unknown, index: number, replacement: unknown): void {
  const slots: [holder: Record<string, unknown>, key: string][] = [];
  const walk = (holder: unknown): void => {
    if (typeof holder !== "object" || holder === null) return;
    for (const key of Object.keys(holder)) {
      slots.push([holder as Record<string, unknown>, key]);
      walk((holder as Record<string, unknown>)[key]);
    }
  };
  walk(value);
  const [holder, key] = slots[index % slots.length]!;
  holder[key] = replacement;
}

test("reading it again gives the same", () => {
  const strip = (manifests: Manifests): unknown => ({ ...manifests, sources: [] });
  expect(strip(check(text))).toEqual(strip(check(text)));
});
