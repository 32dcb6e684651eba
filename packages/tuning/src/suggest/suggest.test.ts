import { DropscopeError, type Flow } from "@dropscope/model";
import { lint, parseManifests, PROFILES } from "@dropscope/policy";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { folderOf } from "./folder.js";
import {
  api,
  db,
  DNS,
  entity,
  every,
  ordinary,
  outside,
  pod,
  propose,
  talk,
  web,
  week,
} from "./testing.js";

describe("a namespace", () => {
  test("is the same whatever order the flows came in", () => {
    const { yaml } = propose(ordinary);
    fc.assert(
      fc.property(fc.shuffledSubarray(ordinary, { minLength: ordinary.length }), (flows) => {
        expect(propose(flows).yaml).toBe(yaml);
      }),
      { numRuns: 4 },
    );
  });

  test("is told what each rule rests on", () => {
    const { policies, evidence } = propose(ordinary);
    const rule = policies
      .find(({ policy }) => policy.name === "db")
      ?.rules.find(({ path }) => path === "spec.ingress[0]");
    expect(rule).toMatchObject({
      says: "db may be reached by api on TCP 5432.",
      pattern: "regular",
      confidence: "high",
      flows: week.length,
      pods: 2,
    });
    expect(rule?.edges[0]).toMatchObject({ port: 5432, outcome: "forwarded" });
    expect(evidence).toMatchObject({ hours: 168, hoursSeen: 168 });
  });

  test("passes the lints, of its own words and of those of the cluster", () => {
    const both = [
      ...ordinary,
      ...talk(api, outside("203.0.113.7", ["api.example.com"]), { port: 443, hours: week }),
    ];
    for (const kind of ["NetworkPolicy", "CiliumNetworkPolicy"] as const) {
      const { yaml } = propose(both, { kind });
      const findings = lint(parseManifests(yaml, "suggested.yaml"), {
        profile: PROFILES.cilium,
        asOf: "2026-06-08T00:00:00Z",
      });
      const grave = findings.filter(({ severity }) => severity === "error" || severity === "high");
      expect(grave).toEqual([]);
    }
  });

  test("may be one policy that goes by namespaces", () => {
    const { policies, yaml } = propose(ordinary, { mode: "namespace" });
    expect(policies.map(({ policy }) => policy.name)).toEqual(["shop"]);
    expect(yaml).toContain("podSelector: {}");
    expect(yaml).toContain("kubernetes.io/metadata.name: monitoring");
  });

  test("goes into a folder for kustomize", () => {
    const files = folderOf(propose(ordinary));
    expect(files.map(({ path }) => path)).toEqual([
      "kustomization.yaml",
      "default-deny.yaml",
      "api.yaml",
      "db.yaml",
      "web.yaml",
    ]);
    expect(files[0]?.text).toContain("- api.yaml");
  });
});

describe("what is no pod", () => {
  test("is an address where a NetworkPolicy is asked for, and left out where that is no word for it", () => {
    const { yaml, leftOut, remarks } = propose(
      [
        ...talk(api, outside("203.0.113.7", ["api.example.com"]), { port: 443, hours: week }),
        ...talk(entity("10.0.9.2", "remote-node"), api, { port: 8080, hours: week }),
      ],
      { kind: "NetworkPolicy" },
    );
    expect(yaml).toContain("cidr: 203.0.113.7/32");
    expect(leftOut).toMatchObject([{ why: "unplaced", edge: { port: 8080 } }]);
    expect(leftOut[0]?.says).toContain("--kind CiliumNetworkPolicy");
    expect(remarks.join("\n")).toContain("DNS names");
  });

  test("is gathered in blocks as far as asked", () => {
    const clients = [3, 9, 200].flatMap((host) =>
      talk(outside(`192.0.2.${host}`), web, { port: 443, hours: week }),
    );
    expect(propose(clients, { dns: "seen" }).yaml).toContain("192.0.2.200/32");
    const gathered = propose(clients, { prefixes: { v4: 24, v6: 64 } }).yaml;
    expect(gathered).toContain("192.0.2.0/24");
    expect(gathered).not.toContain("/32");
  });

  test("goes by the name that answers of DNS told", () => {
    const lookup: Flow = {
      ...talk(api, DNS, { protocol: "UDP", port: 53, hours: [1] })[0],
      event_type: { type: 129 },
      l7: { type: "RESPONSE", dns: { query: "pay.example.com.", ips: ["203.0.113.9"] } },
    };
    const { yaml } = propose([
      ...talk(api, outside("203.0.113.9"), { port: 443, hours: week }),
      lookup,
    ]);
    expect(yaml).toContain("matchName: pay.example.com");
    expect(yaml).toContain('matchPattern: "*"');
  });
});

describe("traffic that nobody needs", () => {
  const scanner = pod("tools/scanner", "10.0.0.9");
  const scan = [21, 22, 23, 25, 80, 443, 3306, 5432, 8080].flatMap((port) =>
    [web, api, db].flatMap((target) => talk(scanner, target, { port, hours: [50] })),
  );

  test("is left out and told, and changes nothing", () => {
    const answer = propose([...ordinary, ...scan]);
    expect(answer.yaml).toBe(propose(ordinary).yaml);
    expect(answer.leftOut.filter(({ why }) => why === "scanner")).toHaveLength(scan.length / 2);
  });

  test("is what somebody of the world tries, who is told by his address", () => {
    const tries = [21, 22, 23, 25, 80, 443, 3389].flatMap((port) =>
      talk(outside("192.0.2.66"), web, { port, hours: [50] }),
    );
    const clients = [7, 8].flatMap((host) =>
      talk(outside(`192.0.2.${host}`), web, { port: 443, hours: week }),
    );
    const { leftOut, yaml } = propose([...clients, ...tries]);
    expect(leftOut).toHaveLength(7);
    expect(leftOut[0]).toMatchObject({ why: "scanner", edge: { client: { name: "192.0.2.66" } } });
    expect(yaml).not.toContain("192.0.2.66");
  });

  test("is what was dropped, until it is asked for", () => {
    const denied = talk(web, db, { port: 5432, hours: [20], verdict: "DROPPED" });
    const answer = propose([...ordinary, ...denied]);
    expect(answer.leftOut).toMatchObject([{ why: "dropped", edge: { port: 5432 } }]);
    const id = answer.leftOut[0]?.edge.id ?? "";
    const included = propose([...ordinary, ...denied], { include: [id] });
    expect(included.leftOut).toEqual([]);
    expect(included.yaml).toContain("db may be reached by api and web on TCP 5432");
  });

  test("is what left its pod and was dropped at the server", () => {
    const both = [
      ...talk(web, db, { port: 5432, hours: [20], answered: false }),
      ...talk(web, db, { port: 5432, hours: [20], verdict: "DROPPED" }),
    ];
    expect(propose([...ordinary, ...both]).yaml).toBe(propose(ordinary).yaml);
  });

  test("is what nobody answered in one short while", () => {
    const typo = talk(web, db, { port: 5433, hours: [20], answered: false });
    const answer = propose([...ordinary, ...typo]);
    expect(answer.leftOut).toMatchObject([{ why: "once", edge: { port: 5433 } }]);
  });

  test("is not what comes back every night", () => {
    const backup = pod("shop/backup", "10.0.0.7");
    const nightly = talk(backup, db, { port: 5432, hours: every(24, 2) });
    const answer = propose([...ordinary, ...nightly]);
    const rule = answer.policies
      .find(({ policy }) => policy.name === "backup")
      ?.rules.find(({ path }) => path === "spec.egress[1]");
    expect(rule).toMatchObject({ pattern: "periodic", why: "It comes back every day." });
  });
});

describe("selectors", () => {
  test("tell workloads apart by as few labels as it takes, and never by what rollouts change", () => {
    const named = (component: string, ip: string) =>
      pod(`shop/${component}`, ip, {
        "app.kubernetes.io/name": "shop",
        "app.kubernetes.io/component": component,
        "app.kubernetes.io/version": "1.2.3",
        "pod-template-hash": "7c9b4d5d8f",
      });
    const { yaml } = propose(
      talk(named("front", "10.0.1.1"), named("back", "10.0.1.2"), { port: 80, hours: week }),
    );
    expect(yaml).toContain("app.kubernetes.io/component: front");
    expect(yaml).not.toMatch(/version|hash/);
  });

  test("call a pod that nobody owns as its flows do", () => {
    const alone = `
apiVersion: v1
kind: Pod
metadata: {name: web-5d8f7c9b4d-x2c4d, namespace: shop, labels: {app: web}}
spec: {containers: [{name: main}]}`;
    const { policies } = propose(ordinary, { manifests: alone });
    expect(policies.map(({ policy }) => policy.name)).toEqual(["default-deny", "api", "db", "web"]);
  });

  test("know of silent pods that the cluster tells of", () => {
    const pods = ["web", "api", "db", "old"].map(
      (name) => `
apiVersion: v1
kind: Pod
metadata: {name: ${name}-5d8f7c9b4d-x2c4d, namespace: shop, labels: {app: ${name === "old" ? "web, tier: legacy" : name}}}
spec: {containers: [{name: main}]}`,
    );
    const { yaml, remarks } = propose(ordinary, { manifests: pods.join("\n---") });
    expect(yaml).toMatch(/app: web\n +matchExpressions:\n +- key: tier\n +operator: DoesNotExist/);
    expect(remarks.join("\n")).toContain("Nothing was observed of old");
  });
});

describe("lookups of names", () => {
  test("go to the resolver that others use, in UDP and TCP", () => {
    const { policies } = propose(ordinary);
    const rule = policies.find(({ policy }) => policy.name === "web")?.rules[0];
    expect(rule).toMatchObject({
      says: "web may look up names at kube-system/coredns, TCP and UDP 53.",
      firstSeen: null,
    });
  });

  test("go to the node where it answers, and to OpenShift's port", () => {
    const local = talk(web, entity("169.254.20.10", "host"), {
      protocol: "UDP",
      port: 53,
      hours: week,
    });
    expect(propose(local).yaml).toMatch(/toEntities:\n +- host/);
    const openshift = pod("openshift-dns/dns-default", "10.0.0.6", {
      "dns.operator.openshift.io/daemonset-dns": "default",
    });
    expect(
      propose(talk(web, openshift, { protocol: "UDP", port: 5353, hours: week })).yaml,
    ).toContain("port: 5353");
  });
});

describe("the cluster's own namespaces", () => {
  const asked = talk(web, DNS, { protocol: "UDP", port: 53, hours: week });

  test("get no default deny, and a resolver may ask whom it must", () => {
    const { policies, yaml, remarks } = propose(asked, { namespaces: ["kube-system"] });
    expect(policies.map(({ policy }) => policy.name)).toEqual(["coredns"]);
    expect(yaml).toMatch(/policyTypes:\n +- Ingress\n +ingress:/);
    expect(remarks.join("\n")).toContain("kube-system gets no default-deny");
  });

  test("go by addresses where lookups pass no proxy, and by both protocols", () => {
    const upstream = outside("192.0.2.53", ["dns.example.com"]);
    const { yaml } = propose(
      [...asked, ...talk(DNS, upstream, { protocol: "UDP", port: 53, hours: week })],
      { namespaces: ["kube-system"], kind: "CiliumNetworkPolicy" },
    );
    expect(yaml).toMatch(/toCIDR:\n +- 192\.0\.2\.53\/32/);
    expect(yaml).toContain("coredns may reach 192.0.2.53 on TCP and UDP 53.");
  });
});

describe("what is in force", () => {
  const policy = (name: string, app: string): string => `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: ${name}, namespace: shop}
spec: {podSelector: {matchLabels: {app: ${app}}}, policyTypes: [Ingress]}`;

  test("keeps its name where it is about other pods, and is told of", () => {
    const { policies, remarks } = propose(ordinary, { manifests: policy("db", "cache") });
    expect(policies.map(({ policy: { name } }) => name)).toContain("db-traffic");
    expect(remarks.join("\n")).toContain("NetworkPolicy shop/db");
  });

  test("is replaced where it is about the same", () => {
    const { policies, remarks } = propose(ordinary, { manifests: policy("db", "db") });
    expect(policies.map(({ policy: { name } }) => name)).toContain("db");
    expect(remarks.join("\n")).toContain("replaces NetworkPolicy shop/db");
  });
});

describe("questions without an answer", () => {
  const codeOf = (ask: () => unknown): string => {
    try {
      ask();
    } catch (error) {
      if (error instanceof DropscopeError) return error.code;
      throw error;
    }
    return "";
  };

  test("are refused", () => {
    expect(codeOf(() => propose([]))).toBe("TUNING_EMPTY");
    expect(codeOf(() => propose(ordinary, { namespaces: ["nowhere"] }))).toBe(
      "TUNING_NO_NAMESPACE",
    );
    expect(codeOf(() => propose(ordinary, { workload: "nobody" }))).toBe("TUNING_NO_WORKLOAD");
    expect(codeOf(() => propose(ordinary, { include: ["0123456789ab"] }))).toBe("TUNING_NO_EDGE");
    expect(codeOf(() => propose(ordinary, { workload: "api", mode: "namespace" }))).toBe("USAGE");
  });
});
