import { workloadOf } from "../cluster/world.js";
import { checkoutEgress, fraud } from "../policies/shop-policies.js";
import { converse, running } from "../traffic/conversation.js";
import { PATTERNS, type Pattern } from "../traffic/patterns.js";
import { connectTcp } from "../traffic/tcp.js";
import type { Attempt, Incident } from "./types.js";

/** A policy forgets that everything starts with a name lookup. */
export const egressWithoutDns: Incident = {
  name: "egress-without-dns",
  summary: "checkout gets an egress allow-list without DNS: lookups time out, payments stop",
  repairable: true,
  phases: [
    {
      name: "broken",
      from: 0.1,
      to: 55,
      policies: [checkoutEgress(false)],
      attempts: [
        // Often enough that whoever connects late need not wait for the first drop.
        attempt(1000, {
          ...find("web/checkout", "payments/payments-api"),
          lookup: { name: "payments-api.payments", chance: 1 },
        }),
        attempt(7000, {
          ...find("web/checkout", "web/cart"),
          lookup: { name: "cart", chance: 1 },
        }),
      ],
    },
  ],
};

/** Two list items where one was meant: the wrong pod gets in, and the repair shuts it out. */
export const orInsteadOfAnd: Incident = {
  name: "or-instead-of-and",
  summary:
    "fraud admits all of web where only checkout was meant; the repair then denies the intruder",
  repairable: true,
  phases: [
    {
      name: "or",
      from: 60,
      to: 95,
      policies: [fraud(false)],
      attempts: [
        attempt(1700, {
          from: "web/storefront-preview",
          to: "payments/fraud",
          port: 8080,
          weight: 0,
        }),
      ],
    },
    {
      name: "and",
      from: 95,
      to: 140,
      policies: [fraud(true)],
      attempts: [
        attempt(2300, {
          from: "web/storefront-preview",
          to: "payments/fraud",
          port: 8080,
          weight: 0,
        }),
      ],
    },
  ],
};

/** A new version of a workload carries another label than the policies expect. */
export const renamedLabel: Incident = {
  name: "renamed-label",
  summary: "checkout v2 is rolled out as app=checkout-v2: payments-api does not know it",
  repairable: true,
  phases: [
    {
      name: "rollout",
      from: 75,
      to: 125,
      start: ["web/checkout-v2"],
      stop: ["web/checkout"],
      attempts: [attempt(1900, find("web/checkout", "payments/payments-api"))],
    },
  ],
};

export const scrapePort: Incident = {
  name: "scrape-port",
  summary: "prometheus scrapes payments-api on 9464, the policy allows 9102",
  repairable: true,
  phases: [
    {
      name: "scrape",
      from: 20,
      to: 150,
      attempts: [
        {
          everyMs: 5000,
          run(traffic, at) {
            const [prometheus] = running(traffic, "monitoring/prometheus");
            if (prometheus === undefined) return;
            for (const server of running(traffic, "payments/payments-api")) {
              const clientPort = 32_768 + traffic.random.below(28_000);
              // The scrape gives up after its timeout: three packets at most.
              connectTcp(
                traffic,
                { client: prometheus, server, protocol: "TCP", clientPort, serverPort: 9464 },
                at + traffic.random.below(400_000_000),
                { tries: 3 },
              );
            }
          },
        },
      ],
    },
  ],
};

export const explicitDeny: Incident = {
  name: "explicit-deny",
  summary: "a report in catalog reads the payments database, which a deny rule forbids",
  repairable: true,
  phases: [
    {
      name: "report",
      from: 105,
      to: 165,
      attempts: [
        attempt(2100, { from: "web/catalog", to: "payments/postgres", port: 5432, weight: 0 }),
      ],
    },
  ],
};

export const cloudMetadata: Incident = {
  name: "cloud-metadata",
  summary: "a library in frontend asks for the cloud's metadata, which an egress deny rule forbids",
  repairable: true,
  phases: [
    {
      name: "asks",
      from: 12,
      to: 70,
      attempts: [
        {
          everyMs: 6500,
          run(traffic, at) {
            const pods = workloadOf(traffic.world, "web/frontend").pods;
            if (pods.length === 0) return;
            connectTcp(
              traffic,
              {
                client: traffic.random.pick(pods),
                server: traffic.world.outside.metadata,
                protocol: "TCP",
                clientPort: 32_768 + traffic.random.below(28_000),
                serverPort: 80,
              },
              at,
              { tries: 2 },
            );
          },
        },
      ],
    },
  ],
};

function attempt(everyMs: number, pattern: Pattern): Attempt {
  return { everyMs, run: (traffic, at) => converse(traffic, pattern, at) };
}

function find(from: string, to: string): Pattern {
  const pattern = PATTERNS.find((one) => one.from === from && one.to === to);
  if (pattern === undefined) throw new RangeError(`no traffic from ${from} to ${to}`);
  return pattern;
}
