import { join } from "node:path";
import type { IncidentName } from "@dropscope/ingester/simulator";
import { afterAll, expect, test } from "vitest";
import { cleanUp, runCli, scratchDir } from "../kit/run-cli.js";
import { simulatedFlows } from "../kit/simulated-flows.js";

afterAll(cleanUp);

interface Line {
  uuid: string;
  outcome: string;
  direction: string;
  selecting: { name: string }[];
  denying: { name: string; rule: string }[];
  nearest: {
    policy: string;
    rule: string;
    failed: { part: string; wanted: string; got: string }[];
  };
  agreement: string;
  sentence: string;
}

/** What every drop of an incident is to be explained by. */
interface Wanted {
  readonly seconds: number;
  readonly line: object;
}

const isolated = (...names: string[]) => names.map((name) => ({ kind: "NetworkPolicy", name }));

const WANTED: Partial<Record<IncidentName, Wanted>> = {
  "egress-without-dns": {
    seconds: 30,
    line: {
      direction: "egress",
      outcome: "default-deny",
      selecting: isolated("checkout-egress"),
      nearest: { policy: "web/checkout-egress" },
      agreement: "cilium-silent",
    },
  },
  "renamed-label": {
    seconds: 30,
    line: {
      direction: "ingress",
      outcome: "default-deny",
      selecting: isolated("default-deny-ingress", "payments-api-ingress"),
      nearest: {
        policy: "payments/payments-api-ingress",
        rule: "spec.ingress[0]",
        failed: [{ part: "peer", wanted: "app=checkout", got: "app=checkout-v2" }],
      },
    },
  },
  "scrape-port": {
    seconds: 40,
    line: {
      direction: "ingress",
      outcome: "default-deny",
      nearest: {
        policy: "payments/payments-api-ingress",
        rule: "spec.ingress[1]",
        failed: [{ part: "port", wanted: "TCP 9102", got: "TCP 9464" }],
      },
    },
  },
  "or-instead-of-and": {
    seconds: 60,
    line: {
      direction: "ingress",
      outcome: "default-deny",
      selecting: isolated("default-deny-ingress", "fraud-ingress"),
      nearest: {
        policy: "payments/fraud-ingress",
        rule: "spec.ingress[0]",
        failed: [{ part: "peer", wanted: "app=checkout", got: "app=storefront-preview" }],
      },
    },
  },
  "explicit-deny": {
    seconds: 30,
    line: {
      direction: "ingress",
      outcome: "denied-by-rule",
      denying: [{ name: "deny-web-to-postgres", rule: "spec.ingressDeny[0]" }],
      nearest: null,
      agreement: "same",
    },
  },
  "cloud-metadata": {
    seconds: 30,
    line: {
      direction: "egress",
      outcome: "denied-by-rule",
      selecting: [{ name: "no-cloud-metadata" }],
      denying: [{ name: "no-cloud-metadata", rule: "spec.egressDeny[0]" }],
      agreement: "same",
    },
  },
  "stale-ip": { seconds: 20, line: { outcome: "not-policy", selecting: [] } },
  "conntrack-full": { seconds: 10, line: { outcome: "not-policy", selecting: [] } },
  "router-solicitations": { seconds: 20, line: { outcome: "not-policy", selecting: [] } },
};

test.each(Object.entries(WANTED) as [IncidentName, Wanted][])(
  "%s: every drop is explained by the policy and the clause that cause it",
  async (incident, { seconds, line }) => {
    const dir = join(scratchDir(), "policies");
    const { lines, policies } = await simulatedFlows(incident, seconds, dir);
    const { code, out, err } = await runCli(
      ["explain", "--flows", "-", "--policies", policies, "-o", "json"],
      { input: lines },
    );
    expect({ code, err }).toEqual({ code: 0, err: "" });
    const explained = out
      .split("\n")
      .slice(0, -1)
      .map((text) => JSON.parse(text) as Line);
    const dropped = lines
      .split("\n")
      .slice(0, -1)
      .map((text) => (JSON.parse(text) as { flow: { uuid: string; verdict: string } }).flow)
      .filter(({ verdict }) => verdict === "DROPPED");
    expect(dropped.length).toBeGreaterThan(0);
    // A line for each event, in the order of the input.
    expect(explained.map(({ uuid }) => uuid)).toEqual(dropped.map(({ uuid }) => uuid));
    for (const one of explained) expect(one).toMatchObject(line);
    // The policies of the simulated cluster name the policy with the file that holds it.
    for (const { selecting, sentence } of explained)
      for (const { name } of selecting.slice(0, 1)) expect(sentence).toContain(name);
  },
);
