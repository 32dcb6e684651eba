import type { Flow } from "@dropscope/model";
import {
  type CatalogObject,
  decide,
  type Endpoint,
  matchContext,
  type Policy,
  type Profile,
  PROFILES,
} from "@dropscope/policy";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { policyNamed } from "../../../../test/kit/policy-arbitraries.js";
import { type ArbitraryWorld, PROBES, worlds } from "../../../../test/kit/policy-worlds.js";
import { clusterOfObjects, objectKey, type TuningCluster } from "../cluster/index.js";
import { connectionOfEdge, foldFlows } from "../traffic/index.js";
import { policiesByObject } from "./candidate.js";
import { createReplayer } from "./replayer.js";

const RUNS = Number(process.env["REPLAY_RUNS"] ?? 60);
const START = Date.UTC(2026, 5, 1);

/** What Hubble would tell of a packet between two ends of a random world. */
function flowOf(
  from: Endpoint,
  to: Endpoint,
  [protocol, port]: (typeof PROBES)[number],
  at: number,
): Flow {
  const ends = { source: from, destination: to } as const;
  const flow: Flow = {
    time: new Date(START + at * 1000).toISOString(),
    uuid: `00000000-0000-4000-8000-${String(at).padStart(12, "0")}`,
    verdict: at % 5 === 0 ? "DROPPED" : "FORWARDED",
    event_type: { type: at % 5 === 0 ? 1 : 4 },
    is_reply: false,
    traffic_direction: "EGRESS",
    l4:
      protocol === "ICMP" || protocol === "ICMPv6"
        ? { [protocol === "ICMP" ? "ICMPv4" : "ICMPv6"]: { type: port } }
        : { [protocol]: { source_port: 40_000 + at, destination_port: port } },
    IP: {},
  };
  for (const side of ["source", "destination"] as const) {
    const { kind, name, namespace, labels, addresses, fqdns } = ends[side];
    const [address] = addresses;
    if (address !== undefined) flow.IP = { ...flow.IP, [side]: address };
    if (fqdns.length > 0) flow[`${side}_names`] = [...fqdns];
    const pod = kind === "pod" ? { namespace, pod_name: name.replace(/^.*\//, "") } : {};
    flow[side] = { labels: [...labels.texts], ...pod };
  }
  return flow;
}

const cases = fc.record({
  world: worlds,
  inForce: fc.array(fc.constantFrom("a", "b", "c").chain(policyNamed), { maxLength: 4 }),
  proposed: fc.array(fc.constantFrom("a", "b", "d").chain(policyNamed), {
    minLength: 1,
    maxLength: 3,
  }),
  remove: fc.subarray(["a", "b", "c"]),
  draws: fc.array(fc.tuple(fc.nat(), fc.nat(), fc.nat()), { minLength: 10, maxLength: 40 }),
});

/** Each name once: the later one of two with one name would win, and the twin would not know. */
function distinct(policies: readonly Policy[]): Policy[] {
  return [...policiesByObject(policies).values()].map(([first]) => first as Policy);
}

function clusterOf(
  { cidrGroups, services }: ArbitraryWorld,
  policies: readonly Policy[],
  profile: Profile,
): TuningCluster {
  const objects: CatalogObject[] = [
    ...cidrGroups.map((value) => ({
      kind: "CiliumCIDRGroup" as const,
      namespace: "",
      name: value.name,
      value,
    })),
    ...services.map((value) => ({
      kind: "Service" as const,
      namespace: value.namespace,
      name: value.name,
      value,
    })),
    ...policies.map(
      (policy) =>
        ({
          kind: policy.kind,
          namespace: policy.namespace,
          name: policy.name,
          value: [policy],
        }) as CatalogObject,
    ),
  ];
  return clusterOfObjects(objects, { at: START, profile });
}

/** Flows by what becomes of them, each judged by itself with the plain evaluator. */
function oneByOne(
  flows: readonly Flow[],
  before: TuningCluster,
  after: readonly Policy[],
): Record<"newlyDenied" | "newlyAllowed" | "stillDenied" | "stillAllowed" | "unknown", number> {
  const counts = { newlyDenied: 0, newlyAllowed: 0, stillDenied: 0, stillAllowed: 0, unknown: 0 };
  const { cidrGroups, services } = before.view.context();
  const context = matchContext({ ...before.profile, audit: false }, { cidrGroups, services });
  for (const flow of flows) {
    const [edge] = foldFlows([flow]).edges;
    const told = edge && connectionOfEdge(edge, before.moment);
    if (!told?.known) {
      counts.unknown += 1;
      continue;
    }
    const was = decide(told.connection, before.policies, context).allowed;
    const is = decide(told.connection, after, context).allowed;
    if (was === is) counts[is ? "stillAllowed" : "stillDenied"] += 1;
    else counts[is ? "newlyAllowed" : "newlyDenied"] += 1;
  }
  return counts;
}

describe("a replay", () => {
  it("says what judging each flow by itself says, whatever is asked before it", () => {
    let changed = 0;
    fc.assert(
      fc.property(cases, ({ world, inForce, proposed, remove, draws }) => {
        const { cluster: _, ...rest } = world.profile;
        const profile: Profile = { ...PROFILES.cilium, ...rest, cidrMatchesPods: false };
        const { endpoints } = world;
        const flows = draws.flatMap(([a, b, c], at) => {
          const [from, to] = [endpoints[a % endpoints.length], endpoints[b % endpoints.length]];
          const probe = PROBES[c % PROBES.length];
          return from && to && probe ? [flowOf(from, to, probe, at)] : [];
        });
        const cluster = clusterOf(world, distinct(inForce), profile);
        const set = distinct(proposed);
        const gone = cluster.policies.filter(({ name }) => remove.includes(name)).map(objectKey);
        const replaced = new Set([...gone, ...set.map(objectKey)]);
        const after = [...cluster.policies.filter((one) => !replaced.has(objectKey(one))), ...set];
        const candidate = { set, sources: new Map(), remove: gone, problems: [] };
        const replayer = createReplayer(cluster, foldFlows(flows));
        // Something else first: nothing of it may be left.
        replayer.replay({ ...candidate, set: [], remove: cluster.policies.map(objectKey) });
        const { counts, groups, evidence } = replayer.replay(candidate);
        const twin = oneByOne(flows, cluster, after);
        const { newlyDenied, newlyAllowed, stillDenied, stillAllowed, unknown } = counts;
        expect(newlyDenied.flows).toBe(twin.newlyDenied);
        expect(newlyAllowed.flows).toBe(twin.newlyAllowed);
        expect(stillDenied.flows).toBe(twin.stillDenied);
        // Rules for requests, of which these flows tell none, make some of them unknown.
        expect(stillAllowed.flows + unknown.flows).toBe(twin.stillAllowed + twin.unknown);
        expect(unknown.flows).toBeGreaterThanOrEqual(twin.unknown);
        for (const change of ["newly-denied", "newly-allowed"] as const) {
          const some = groups.filter((group) => group.change === change);
          const sum = some.reduce((all, group) => all + group.flows, 0);
          expect(sum).toBe(change === "newly-denied" ? twin.newlyDenied : twin.newlyAllowed);
          for (const { says, trend, flows: of } of some) {
            expect(says).not.toBe("");
            expect(trend.reduce((all, one) => all + one, 0)).toBe(of);
          }
        }
        expect(evidence.flows).toBe(flows.length);
        changed += twin.newlyDenied + twin.newlyAllowed;
        // Asked again, the answer is the same.
        expect(replayer.replay(candidate)).toEqual({ ...replayer.replay(candidate) });
      }),
      { numRuns: RUNS },
    );
    // Else nothing would have been compared.
    expect(changed).toBeGreaterThan(RUNS);
  }, 60_000);
});
