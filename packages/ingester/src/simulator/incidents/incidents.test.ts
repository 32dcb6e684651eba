import { expect, test } from "vitest";
import type { Flow } from "@dropscope/model";
import { DropscopeError } from "@dropscope/model";
import { bareWorld } from "../testing-world.js";
import { SECOND } from "../traffic/timeline.js";
import { INCIDENTS, incidentsNamed } from "./catalog.js";
import { CYCLE_SECONDS } from "./schedule.js";
import { INCIDENT_NAMES, type IncidentName } from "./types.js";

function play(names: IncidentName[], seconds: number, rate = 0) {
  const world = bareWorld({ incidents: incidentsNamed(names), rate });
  world.generator.advance(seconds * SECOND);
  const flows = world.seen.map(({ flow }) => flow);
  return { ...world, flows, drops: flows.filter((flow) => flow.verdict === "DROPPED") };
}

const app = (flow: Flow, end: "source" | "destination"): string | undefined =>
  flow[end]?.labels?.find((label) => /^k8s:(k8s-)?app=/.test(label))?.split("=")[1];

test("whatever incident is chosen, its first drop or loss comes within two seconds", () => {
  for (const name of INCIDENT_NAMES) {
    // The first phase of this one is that too much is allowed.
    const limit = name === "or-instead-of-and" ? 36.5 : 2;
    const { drops, lost } = play([name], limit);
    expect(drops.length + lost.length, name).toBeGreaterThan(0);
  }
});

test("until it is repaired: what a policy causes goes on and does not come again, the rest does", () => {
  const names: IncidentName[] = ["or-instead-of-and", "stale-ip"];
  const world = bareWorld({ incidents: incidentsNamed(names), rate: 0, untilRepaired: true });
  const at = (seconds: number): string[] => {
    world.generator.advance(seconds * SECOND);
    return world.generator.schedule.active().map(({ phase }) => phase);
  };
  expect(at(10)).toEqual(["or"]);
  expect(at(50)).toEqual(["and"]);
  expect(at(100)).toEqual(["and", "stale"]);
  expect(at(200)).toEqual(["and"]);
  expect(at(CYCLE_SECONDS + 100)).toEqual(["and", "stale"]);
  const last = world.seen.at(-1)!.at;
  expect(last).toBeGreaterThan((CYCLE_SECONDS + 95) * SECOND);
});

test("a policy drop is a verdict and a drop of the same packet, without a word on replies", () => {
  const { drops } = play(
    ["egress-without-dns", "renamed-label", "scrape-port", "explicit-deny", "cloud-metadata"],
    200,
  );
  const key = (flow: Flow): string =>
    JSON.stringify([flow.IP, flow.l4, flow.traffic_direction, flow.node_name, flow.drop_reason]);
  const verdicts = drops.filter((flow) => flow.event_type?.type === 5).map(key);
  const packets = drops.filter((flow) => flow.event_type?.type === 1).map(key);
  expect(verdicts.length).toBeGreaterThan(100);
  expect(verdicts.sort()).toEqual(packets.sort());
  for (const flow of drops) {
    expect(flow).not.toHaveProperty("is_reply");
    expect(flow).not.toHaveProperty("trace_observation_point");
    if (flow.event_type?.type === 1) expect(flow.event_type.sub_type).toBe(flow.drop_reason);
  }
});

test("egress without DNS: only lookups are dropped, again every five seconds, and no connection follows", () => {
  const { flows, drops } = play(["egress-without-dns"], 50);
  expect(drops.length).toBeGreaterThan(50);
  for (const flow of drops) {
    expect(flow.drop_reason_desc).toBe("POLICY_DENIED");
    expect(flow.traffic_direction).toBe("EGRESS");
    expect(flow.l4?.UDP?.destination_port).toBe(53);
    expect(app(flow, "source")).toBe("checkout");
    expect(app(flow, "destination")).toBe("kube-dns");
    expect(flow).not.toHaveProperty("egress_denied_by");
  }
  expect(flows.some((flow) => flow.l4?.TCP?.destination_port === 8443)).toBe(false);
  // The caller of the victim is left waiting and then cut.
  expect(flows.some((flow) => flow.l4?.TCP?.flags?.RST === true)).toBe(true);
});

test("or instead of and: the intruder is let in by name, and shut out after the repair", () => {
  const { flows } = play(["or-instead-of-and"], 79.8);
  const intruder = flows.filter((flow) => app(flow, "source") === "storefront-preview");
  const verdicts = intruder.filter((flow) => flow.event_type?.type === 5);
  const ingress = verdicts.filter((flow) => flow.traffic_direction === "INGRESS");
  const allowed = ingress.filter((flow) => flow.verdict === "FORWARDED");
  expect(allowed.length).toBeGreaterThan(5);
  for (const flow of allowed) expect(flow.ingress_allowed_by?.[0]?.name).toBe("fraud-ingress");
  const denied = ingress.filter((flow) => flow.verdict === "DROPPED");
  expect(denied.length).toBeGreaterThan(5);
  const lastAllowed = Math.max(...allowed.map((flow) => Date.parse(flow.time ?? "")));
  const firstDenied = Math.min(...denied.map((flow) => Date.parse(flow.time ?? "")));
  expect(firstDenied).toBeGreaterThan(lastAllowed);
});

test("renamed label: the new pods are denied where the old ones were allowed", () => {
  const { drops } = play(["renamed-label"], 60, 400);
  expect(drops.length).toBeGreaterThan(10);
  for (const flow of drops) {
    expect(app(flow, "source")).toBe("checkout-v2");
    expect(flow.drop_reason_desc).toBe("POLICY_DENIED");
    expect(flow.traffic_direction).toBe("INGRESS");
    expect(flow.destination?.namespace).toBe("payments");
  }
});

test("an explicit deny names the policy, in the direction that denied", () => {
  const { drops } = play(["explicit-deny", "cloud-metadata"], 200);
  const verdicts = drops.filter((flow) => flow.event_type?.type === 5);
  const byDirection = new Set(verdicts.map((flow) => flow.traffic_direction));
  expect(byDirection).toEqual(new Set(["INGRESS", "EGRESS"]));
  for (const flow of verdicts) {
    expect(flow.drop_reason_desc).toBe("POLICY_DENY");
    const policy = (flow.ingress_denied_by ?? flow.egress_denied_by)?.[0];
    expect(policy).toMatchObject({
      kind: "CiliumNetworkPolicy",
      name: flow.traffic_direction === "INGRESS" ? "deny-web-to-postgres" : "no-cloud-metadata",
    });
    expect(policy?.labels).toContain("k8s:io.cilium.k8s.policy.derived-from=CiliumNetworkPolicy");
  }
});

test("drops that no policy decided carry no verdict event", () => {
  const { drops } = play(["stale-ip", "conntrack-full", "router-solicitations"], 200);
  expect(new Set(drops.map((flow) => flow.drop_reason_desc))).toEqual(
    new Set(["STALE_OR_UNROUTABLE_IP", "CT_MAP_INSERTION_FAILED", "UNSUPPORTED_L3_PROTOCOL"]),
  );
  for (const flow of drops) expect(flow.event_type?.type).toBe(1);
});

test("incidents end and come again, and every change of policy is undone", () => {
  const world = bareWorld({ incidents: INCIDENTS, rate: 0 });
  const before = JSON.stringify([...world.scene.policies()].map(([, { policy }]) => policy));
  world.generator.advance(30 * SECOND);
  expect(world.generator.schedule.active().map(({ incident }) => incident)).toContain(
    "egress-without-dns",
  );
  world.generator.advance(238 * SECOND);
  expect(world.generator.schedule.active()).toEqual([]);
  expect(JSON.stringify([...world.scene.policies()].map(([, { policy }]) => policy))).toBe(before);
  expect([...world.world.workloads.values()].filter(({ running }) => !running)).toHaveLength(1);
  world.generator.advance((CYCLE_SECONDS + 5) * SECOND);
  expect(world.generator.schedule.active().map(({ incident }) => incident)).toContain(
    "egress-without-dns",
  );
});

test("an unknown incident is refused with the list of those there are", () => {
  try {
    incidentsNamed(["egress-without-dns", "meteor"]);
    expect.unreachable();
  } catch (error) {
    expect(error).toBeInstanceOf(DropscopeError);
    expect(error).toMatchObject({ code: "SIMULATOR_INCIDENT", exitCode: 2 });
  }
});
