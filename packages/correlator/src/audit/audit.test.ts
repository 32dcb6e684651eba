import type { Flow } from "@dropscope/model";
import { PROFILES } from "@dropscope/policy";
import { describe, expect, test } from "vitest";
import { explainFlow } from "../explain/explain-flow.js";
import { always, AT, dbIngress, drop, pod, told } from "../explain/testing.js";
import { type AuditOptions, createEnforcementAudit } from "./audit.js";

const profile = PROFILES.cilium;
let made = 0;

/** A new connection of web/checkout to web/db that the data path let through. */
function passed(patch: Flow = {}): Flow {
  const { drop_reason_desc: _, ...rest } = drop({
    verdict: "FORWARDED",
    uuid: String((made += 1)),
  });
  return { ...rest, ...patch };
}

const audit = (yaml: string, more: Partial<AuditOptions> = {}) =>
  createEnforcementAudit({ history: always(yaml), profile, ...more });

describe("what passes although the policies deny it", () => {
  test("is one finding, with what shows it", () => {
    const watching = audit(dbIngress());
    for (let second = 0; second < 10; second++)
      watching.see(passed({ time: new Date(AT + second * 1000).toISOString() }));
    const findings = watching.findings();
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({
      reason: "not-enforced",
      subject: { kind: "workload", namespace: "web", name: "db" },
      peer: { name: "checkout" },
      direction: "ingress",
      protocol: "TCP",
      port: 5432,
      policies: [{ kind: "NetworkPolicy", namespace: "web", name: "db-ingress" }],
      count: 10,
      firstSeen: "2026-03-01T12:00:00.000Z",
      lastSeen: "2026-03-01T12:00:09.000Z",
      nodes: ["node-1"],
    });
    expect(findings[0]?.evidence).toHaveLength(5);
    expect(findings[0]?.sentence).toMatch(
      /^web\/checkout to web\/db on TCP 5432 passed, though NetworkPolicy web\/db-ingress makes .*; nothing shows that these policies are enforced anywhere\.$/,
    );
  });

  test.each([
    ["what the policies allow", passed({ source: pod("web", "api") })],
    ["an answer", passed({ is_reply: true })],
    [
      "a packet midway",
      passed({
        event_type: { type: 4 },
        trace_observation_point: "TO_ENDPOINT",
        trace_reason: "ESTABLISHED",
      }),
    ],
    [
      "a packet that is only on its way",
      passed({ event_type: { type: 4 }, trace_observation_point: "TO_STACK", trace_reason: "NEW" }),
    ],
    ["a drop", drop()],
    ["one that only audit mode let pass", passed({ verdict: "AUDIT" })],
    [
      "a request in the proxy",
      passed({ event_type: { type: 129 }, l7: { http: { method: "GET" } } }),
    ],
    ["an end of which no labels are known", passed({ source: {} })],
    ["one without a time", passed({ time: "" })],
    ["the pod's own node", passed({ source: { identity: 1, labels: ["reserved:host"] } })],
  ])("%s is no finding", (_, flow) => {
    expect(audit(dbIngress()).see(flow)).toBeUndefined();
  });

  test("the first packet that reaches its endpoint counts as the verdict does", () => {
    const flow = passed({
      event_type: { type: 4 },
      trace_observation_point: "TO_ENDPOINT",
      trace_reason: "NEW",
    });
    expect(audit(dbIngress()).see(flow)).toMatchObject({ reason: "not-enforced" });
  });

  test("a name that DNS may have given on the node is no finding", () => {
    const yaml = `
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: { name: out, namespace: web }
spec: { endpointSelector: {}, egress: [{ toFQDNs: [{ matchName: a.example.com }] }] }
`;
    const flow = passed({ traffic_direction: "EGRESS", destination: { identity: 2 } });
    expect(audit(yaml).see(flow)).toBeUndefined();
    expect(
      audit(yaml.replace("toFQDNs: [{ matchName: a.example.com }]", "toCIDR: [192.0.2.0/24]")).see(
        flow,
      ),
    ).toBeDefined();
  });
});

describe("why it passes", () => {
  test("the same policy denies elsewhere: this endpoint is behind", () => {
    const watching = audit(dbIngress());
    watching.seeDrop(explainFlow(drop(), always(dbIngress()), { profile }));
    expect(watching.see(passed())).toMatchObject({ reason: "stale-endpoint" });
  });

  test("the data path names a policy that allows it", () => {
    const flow = passed({
      ingress_allowed_by: [{ name: "other", namespace: "web", kind: "NetworkPolicy" }],
    });
    expect(audit(dbIngress()).see(flow)).toMatchObject({
      reason: "other-reading",
      allowedBy: [{ kind: "NetworkPolicy", namespace: "web", name: "other" }],
    });
  });

  test("the policy came some minutes before; within seconds it is no finding at all", () => {
    const at = (seconds: number) =>
      createEnforcementAudit({ history: told().set(seconds, dbIngress()).catalog, profile });
    expect(at(-120).see(passed())).toMatchObject({
      reason: "not-loaded",
      change: { name: "db-ingress", action: "added" },
    });
    expect(at(-5).see(passed())).toBeUndefined();
    expect(at(-3600).see(passed())).toMatchObject({ reason: "not-enforced", change: null });
  });
});

test("memory is bounded, and what was not seen for long is forgotten", () => {
  const watching = audit(dbIngress(), { most: 10, revisions: () => ({ objects: 0, pods: 0 }) });
  for (let n = 0; n < 100; n++)
    watching.see(
      passed({
        l4: { TCP: { destination_port: 6000 + n } },
        time: new Date(AT + n * 1000).toISOString(),
      }),
    );
  expect(watching.stats()).toEqual({ findings: 10, dropped: 90 });
  expect(watching.findings().map(({ port }) => port)).toEqual(
    Array.from({ length: 10 }, (_, n) => 6099 - n),
  );
  watching.forget(AT + 95_000);
  expect(watching.stats().findings).toBe(5);
});
