import { createTestClock, createTuningThread } from "@dropscope/dashboard/testing";
import { foldFlows } from "@dropscope/tuning";
import { parseManifests, PROFILES } from "@dropscope/policy";
import { afterAll, expect, test } from "vitest";
import type { Flow, RulesAnswer } from "@dropscope/model";

// The thread that answers what is asked about traffic: its file is there only once it is built.

const clock = createTestClock(1_800_000_000_000);
const thread = createTuningThread(clock);
afterAll(() => thread.stop());

const end = (namespace: string, app: string, identity: number) => ({
  identity,
  namespace,
  pod_name: `${app}-0`,
  labels: [`k8s:app=${app}`, `k8s:io.kubernetes.pod.namespace=${namespace}`],
});

const flow: Flow = {
  time: "2027-01-15T07:00:00Z",
  verdict: "FORWARDED",
  IP: { source: "10.0.0.1", destination: "10.0.0.2", ipVersion: "IPv4" },
  l4: { TCP: { source_port: 40_000, destination_port: 8080, flags: { SYN: true } } },
  source: end("web", "shop", 1001),
  destination: end("payments", "api", 1002),
  event_type: { type: 4 },
  is_reply: false,
};

const POLICY = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: api, namespace: payments }
spec:
  podSelector: { matchLabels: { app: api } }
  ingress: [{ ports: [{ port: 8080, protocol: TCP }] }]
`;

function keep(): void {
  const [policy] = parseManifests(POLICY, "api.yaml").policies;
  if (policy === undefined) throw new Error("no policy");
  const { kind, namespace, name } = policy;
  thread.keep("traffic", { of: "traffic", traffic: foldFlows([flow]) });
  thread.keep("cluster", {
    of: "cluster",
    cluster: {
      at: clock.now(),
      profile: PROFILES.cilium,
      objects: [{ kind, namespace, name, value: [policy] } as never],
      texts: [{ key: `${kind}/${namespace}/${name}`, file: "api.yaml", text: POLICY }],
    },
  });
}

const keys = { traffic: "traffic", cluster: "cluster" };
const rules = async (): Promise<number[]> => {
  const answer = (await thread.ask({ of: "rules" }, keys)) as RulesAnswer;
  return answer.rules.map(({ flows }) => flows);
};

test("answers with what was kept in it, and passes errors for people on", async () => {
  keep();
  expect(await rules()).toEqual([1]);
  const { life } = thread;
  await expect(
    thread.ask({ of: "suggestion", namespace: "nowhere", mode: "workload", include: [] }, keys),
  ).rejects.toMatchObject({
    code: "TUNING_NO_NAMESPACE",
    next: expect.stringContaining("payments") as string,
  });
  await expect(thread.ask({ of: "rules" }, { ...keys, traffic: "other" })).rejects.toThrow(
    "no traffic is kept as other",
  );
  expect([await rules(), thread.life]).toEqual([[1], life]);
});

test("ends when nobody asks for a while, says so, and begins again", async () => {
  const { life } = thread;
  await clock.pass(11 * 60_000);
  expect(thread.life).toBe(life + 1);
  await expect(rules()).rejects.toThrow("no traffic is kept");
  keep();
  expect(await rules()).toEqual([1]);
});
