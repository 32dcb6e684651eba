// Incidents: one thing is broken, and what that is says the cause and who is responsible.
import { createWorkload, outside, podEnd } from "./cluster.mjs";
import { adminPolicy, allow, ciliumPort, deny, nameFor, peer, port } from "./policies.mjs";
import { createScene, keyOf, momentOf } from "./scene.mjs";

const events = (random) => random.pick(["both", "both", "verdict", "drop"]);

/** The packet of the scene is denied by default on one side. */
function byDefault(scene, side, packet = {}) {
  const { random } = scene;
  const policies = scene.build();
  const audited = random.chance(0.08);
  const one = scene.packet({ direction: side, ...packet });
  const ids = audited
    ? scene.recorder.audited(one)
    : scene.recorder.denied({ ...one, events: events(random) });
  return {
    scene,
    policies,
    ids,
    truth: { outcome: "default-deny", responsible: scene.isolating(side).map(keyOf) },
  };
}

const removed = (side) => (random) => {
  const scene = createScene(random, side === "egress" ? { egress: true } : {});
  scene.withoutRule(side);
  return byDefault(scene, side);
};

const otherPort = (side) => (random) => {
  const scene = createScene(random, side === "egress" ? { egress: true } : {});
  const rule = scene.ruleFor(side);
  rule.ports = [port(scene.port + random.between(1, 500))];
  return byDefault(scene, side);
};

const otherProtocol = (random) => {
  const scene = createScene(random);
  scene.ruleFor("ingress").ports = [port(scene.port, "UDP")];
  return byDefault(scene, "ingress");
};

/** The client is rolled out under another value of the label that everybody selects it by. */
const renamed = (random) => {
  const scene = createScene(random, { egress: false });
  scene.client.labels = { ...scene.client.labels, app: `${scene.client.app}-next` };
  return byDefault(scene, "ingress");
};

const relabelledNamespace = (random) => {
  const scene = createScene(random, { egress: false, otherNamespace: true });
  const { style } = scene.ingress;
  scene.ruleFor("ingress").peers = [
    peer(random, style, scene.cluster, scene.client, scene.server.ns, { by: "team" }),
  ];
  const labels = scene.cluster.namespaces.get(scene.client.ns);
  scene.cluster.namespaces.set(scene.client.ns, { ...labels, team: "violet" });
  return byDefault(scene, "ingress");
};

/** The selector of a Cilium peer without a namespace means the policy's own. */
const ownNamespaceOnly = (random) => {
  const scene = createScene(random, {
    style: "CiliumNetworkPolicy",
    otherNamespace: true,
    egress: false,
  });
  scene.ruleFor("ingress").peers = [{ matchLabels: { app: scene.client.app } }];
  return byDefault(scene, "ingress");
};

const namedPort = (random) => {
  const scene = createScene(random, { style: "NetworkPolicy" });
  scene.ruleFor("ingress").ports = [port("main")];
  scene.server.ports = [{ name: "main", port: scene.port + 1, protocol: "TCP" }];
  return byDefault(scene, "ingress");
};

const blockOfPods = (random) => {
  const scene = createScene(random, { style: "NetworkPolicy", egress: true });
  scene.ruleFor("egress").peers = [
    { ipBlock: { cidr: random.pick(["10.9.0.0/16", "10.0.0.0/8"]) } },
  ];
  return byDefault(scene, "egress");
};

/** An address outside, which a block with an exception, or another block, leaves out. */
const outsideBlock = (random) => {
  const scene = createScene(random, { style: "NetworkPolicy", egress: true });
  const ip = `203.0.113.${random.between(128, 190)}`;
  const except = random.chance(0.5);
  const ipBlock = except
    ? { cidr: "203.0.113.0/24", except: ["203.0.113.128/25"] }
    : { cidr: "203.0.113.0/25" };
  scene.egress.rules.push({ of: undefined, peers: [{ ipBlock }], ports: [port(443)] });
  return byDefault(scene, "egress", { to: outside(ip), port: 443 });
};

const ping = (random) => {
  const scene = createScene(random);
  return byDefault(scene, "ingress", { protocol: "ICMPv4", port: 8 });
};

const remoteNode = (random) => {
  const scene = createScene(random);
  const from = {
    ...outside(`192.168.77.${random.between(2, 200)}`),
    endpoint: () => ({ identity: 6, labels: ["reserved:remote-node"] }),
  };
  return byDefault(scene, "ingress", { from });
};

const byName = (random) => {
  const scene = createScene(random, { style: "CiliumNetworkPolicy", egress: true });
  const policies = scene.build();
  const [main] = scene.built.egress;
  main.spec.egress.push({
    toFQDNs: [{ matchName: "api.partner.example" }],
    toPorts: [{ ports: [ciliumPort(port(443))] }],
  });
  const to = outside(`198.51.100.${random.between(1, 250)}`);
  const ids = scene.recorder.denied({ ...scene.packet({ to, port: 443 }), events: events(random) });
  return {
    scene,
    policies,
    ids,
    truth: { outcome: "default-deny", responsible: scene.isolating("egress").map(keyOf) },
  };
};

/** Rules allow it; a deny rule beats them. Old versions of Cilium do not name it. */
const denyRule = (direction, clusterwide) => (random) => {
  const scene = createScene(random, { egress: direction === "egress" ? true : undefined });
  const { cluster, client, server } = scene;
  const [selects, from] = direction === "ingress" ? [server, client] : [client, server];
  const rule = deny(random, { cluster, selects, direction, from, clusterwide });
  scene.extra.push(rule);
  const policies = scene.build();
  const ids = scene.recorder.denied({
    ...scene.packet({ direction }),
    reason: "POLICY_DENY",
    ...(random.chance(0.6) ? { deniedBy: [rule] } : {}),
    events: events(random),
  });
  return { scene, policies, ids, truth: { outcome: "denied-by-rule", responsible: [keyOf(rule)] } };
};

const adminRule = (tier) => (random) => {
  const scene = createScene(random, {
    egress: false,
    ingress: tier === "Admin",
    otherNamespace: true,
  });
  const { client, server } = scene;
  const space = (ns) => ({ matchLabels: { "kubernetes.io/metadata.name": ns } });
  const rule = adminPolicy(nameFor(random, tier.toLowerCase()), {
    tier,
    priority: random.between(1, 900),
    subject: { namespaces: space(server.ns) },
    ingress: [{ action: "Deny", from: [{ namespaces: space(client.ns) }] }],
  });
  scene.extra.push(rule);
  const policies = scene.build();
  const ids = scene.recorder.denied({
    ...scene.packet({ direction: "ingress" }),
    reason: "POLICY_DENY",
    ...(random.chance(0.6) ? { deniedBy: [rule] } : {}),
  });
  return { scene, policies, ids, truth: { outcome: "denied-by-rule", responsible: [keyOf(rule)] } };
};

const refusedRequest = (random) => {
  const scene = createScene(random, { style: "CiliumNetworkPolicy" });
  scene.ingress.more = scene.ingress.more.filter((one) => one !== "namespace");
  const policies = scene.build();
  const [main] = scene.built.ingress;
  const at = scene.ingress.rules.findIndex(({ of }) => of === scene.client);
  main.spec.ingress[at].toPorts[0].rules = {
    http: random
      .some([{ method: "GET" }, { method: "POST", path: "/orders" }, { path: "/health" }], 0.7)
      .concat({ method: "HEAD" }),
  };
  const ids = scene.recorder.logged({
    ...scene.packet({ direction: "ingress" }),
    refused: true,
    l7: {
      type: "REQUEST",
      http: {
        method: random.pick(["DELETE", "PATCH"]),
        url: `http://${scene.server.app}/orders/${random.below(99)}`,
        protocol: "HTTP/1.1",
        code: 403,
      },
    },
  });
  return {
    scene,
    policies,
    ids,
    truth: { outcome: "l7-denied", responsible: scene.isolating("ingress").map(keyOf) },
  };
};

const mutualAuthentication = (random) => {
  const scene = createScene(random, { style: "CiliumNetworkPolicy" });
  const policies = scene.build();
  const [main] = scene.built.ingress;
  const at = scene.ingress.rules.findIndex(({ of }) => of === scene.client);
  main.spec.ingress[at].authentication = { mode: "required" };
  const ids = scene.recorder.denied({
    ...scene.packet({ direction: "ingress" }),
    reason: "AUTH_REQUIRED",
    events: events(random),
  });
  return {
    scene,
    policies,
    ids,
    truth: { outcome: "auth-required", responsible: scene.isolating("ingress").map(keyOf) },
  };
};

/** What allows it now came moments ago, or what forbids it now: the node was on the other side. */
const inFlight = (random) => {
  const scene = createScene(random, { egress: false });
  const at = random.between(300, 400);
  const [ingress] = [scene.ingress];
  const whole = ingress.rules;
  ingress.more = [];
  scene.withoutRule("ingress");
  const policies = scene.build();
  const [before] = scene.built.ingress;
  ingress.rules = whole;
  scene.build();
  const after = { ...scene.built.ingress[0], metadata: before.metadata };
  scene.built.ingress = [before];
  scene.history.push({ at: momentOf(at - random.between(1, 7)), set: after });
  const ids = scene.recorder.denied({
    ...scene.packet({ direction: "ingress", at }),
    events: events(random),
  });
  return {
    scene,
    policies,
    ids,
    truth: { outcome: "policy-changed", responsible: [keyOf(before)] },
  };
};

/** A pod that nobody thought of, in a namespace that a policy closes as a whole. */
const closedNamespace = (random) => {
  const scene = createScene(random, { egress: false, ingress: false });
  const { cluster, server } = scene;
  const fresh = createWorkload(random, { ns: server.ns, app: "newcomer", index: 90 });
  const closed = allow(random, {
    style: "NetworkPolicy",
    ns: server.ns,
    direction: "ingress",
    rules: [],
  });
  scene.extra.push(closed);
  const policies = scene.build();
  cluster.workloads.push(fresh);
  const ids = scene.recorder.denied({
    ...scene.packet({ direction: "ingress" }),
    to: podEnd(cluster, fresh),
  });
  return { scene, policies, ids, truth: { outcome: "default-deny", responsible: [keyOf(closed)] } };
};

/** By name: each makes one incident from a random source. */
export const INCIDENTS = {
  "rule removed (ingress)": removed("ingress"),
  "rule removed (egress)": removed("egress"),
  "other port (ingress)": otherPort("ingress"),
  "other port (egress)": otherPort("egress"),
  "other protocol": otherProtocol,
  "label renamed": renamed,
  "namespace relabelled": relabelledNamespace,
  "peers of own namespace": ownNamespaceOnly,
  "named port moved": namedPort,
  "ipBlock for pods": blockOfPods,
  "outside the ipBlock": outsideBlock,
  "ping under ports": ping,
  "remote node": remoteNode,
  "name not resolved": byName,
  "namespace closed": closedNamespace,
  "deny rule (ingress)": denyRule("ingress", false),
  "deny rule (egress)": denyRule("egress", false),
  "deny rule (clusterwide)": denyRule("ingress", true),
  "admin tier": adminRule("Admin"),
  "baseline tier": adminRule("Baseline"),
  "HTTP method": refusedRequest,
  "mutual authentication": mutualAuthentication,
  "change in flight": inFlight,
};
