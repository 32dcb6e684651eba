// Drops that look like a policy's doing and are none: whoever names a policy here is wrong.
import { nodeEnd, outside, podEnd } from "./cluster.mjs";
import { DATAPATH_REASONS } from "./flows.mjs";
import { ciliumPort, deny, port } from "./policies.mjs";
import { createScene, momentOf } from "./scene.mjs";

const NOBODY = { outcome: "unexplained", responsible: [] };
const DATAPATH = { outcome: "not-policy", responsible: [] };

/** A reason of the data path, for a packet that the policies would have denied as well. */
const datapath = (random) => {
  const scene = createScene(random);
  const side = random.pick(["ingress", "egress"]);
  if (random.chance(0.7)) scene.withoutRule(side);
  const policies = scene.build();
  const reason = random.pick(DATAPATH_REASONS);
  const ids = scene.recorder.dropped({ ...scene.packet({ direction: side }), reason });
  return { scene, policies, ids, truth: DATAPATH };
};

const routerSolicitation = (random) => {
  const scene = createScene(random);
  const policies = scene.build();
  const from = { ...podEnd(scene.cluster, scene.client), ip: "fe80::1" };
  const ids = scene.recorder.dropped({
    from,
    to: outside("ff02::2", { labels: ["reserved:unknown"], identity: 0 }),
    protocol: "ICMPv6",
    port: 133,
    reason: "UNSUPPORTED_L3_PROTOCOL",
  });
  return { scene, policies, ids, truth: DATAPATH };
};

/** Nothing is broken, and it was denied all the same. */
const allowed = (random) => {
  const scene = createScene(random);
  const policies = scene.build();
  const direction = scene.egress.on ? random.pick(["ingress", "egress"]) : "ingress";
  const ids = scene.recorder.denied(scene.packet({ direction }));
  return { scene, policies, ids, truth: NOBODY };
};

const othersPolicies = (random) => {
  const scene = createScene(random, { ingress: false, egress: false });
  const policies = scene.build();
  const ids = scene.recorder.denied(
    scene.packet({ direction: random.pick(["ingress", "egress"]) }),
  );
  return { scene, policies, ids, truth: NOBODY };
};

/** The policy is about the other direction of the same pod. */
const otherDirection = (random) => {
  const scene = createScene(random, { ingress: false, egress: true });
  scene.withoutRule("egress");
  const policies = scene.build();
  const ids = scene.recorder.denied({
    ...scene.packet({ direction: "ingress" }),
    from: podEnd(scene.cluster, scene.server),
    to: podEnd(scene.cluster, scene.client),
  });
  return { scene, policies, ids, truth: NOBODY };
};

const reply = (random) => {
  const scene = createScene(random, { egress: true });
  scene.withoutRule("egress");
  const policies = scene.build();
  const there = scene.packet();
  const back = {
    from: there.to,
    to: there.from,
    port: there.socket,
    socket: there.port,
    reply: true,
  };
  const ids = scene.recorder.dropped({
    ...back,
    direction: random.pick(["ingress", "egress"]),
    reason: "POLICY_DENIED",
  });
  return { scene, policies, ids, truth: NOBODY };
};

/** The policy that would deny it came minutes later. */
const beforeThePolicy = (random) => {
  const scene = createScene(random, { egress: false });
  scene.withoutRule("ingress");
  scene.ingress.more = [];
  const all = scene.build();
  const [main] = scene.built.ingress;
  scene.history.push({ at: momentOf(random.between(60, 900)), set: main });
  const ids = scene.recorder.denied(scene.packet({ direction: "ingress" }));
  return { scene, policies: all.filter((one) => one !== main), ids, truth: NOBODY };
};

/** The policy that denied was gone long before the drop. */
const afterThePolicy = (random) => {
  const scene = createScene(random, { egress: false });
  scene.withoutRule("ingress");
  scene.ingress.more = [];
  const policies = scene.build();
  const [main] = scene.built.ingress;
  const { kind, metadata } = main;
  scene.history.push({ at: momentOf(random.between(1, 60)), remove: { kind, ...metadata } });
  const ids = scene.recorder.denied(
    scene.packet({ direction: "ingress", at: random.between(120, 800) }),
  );
  return { scene, policies, ids, truth: NOBODY };
};

/** Denied by rule, and the only deny rule that is known is about somebody else. */
const denyRuleElsewhere = (random) => {
  const scene = createScene(random);
  const { cluster, client, server } = scene;
  const stranger = cluster.workloads.find((one) => one !== client && one !== server);
  scene.extra.push(
    deny(random, { cluster, selects: server, direction: "ingress", from: stranger }),
  );
  const policies = scene.build();
  const ids = scene.recorder.denied({
    ...scene.packet({ direction: "ingress" }),
    reason: "POLICY_DENY",
  });
  return { scene, policies, ids, truth: NOBODY };
};

const requestThatIsAllowed = (random) => {
  const scene = createScene(random, { style: "CiliumNetworkPolicy" });
  const policies = scene.build();
  const at = scene.ingress.rules.findIndex(({ of }) => of === scene.client);
  scene.built.ingress[0].spec.ingress[at].toPorts[0].rules = { http: [{ method: "GET" }] };
  const ids = scene.recorder.logged({
    ...scene.packet({ direction: "ingress" }),
    refused: true,
    l7: {
      type: "REQUEST",
      http: { method: "GET", url: "http://x/orders", protocol: "HTTP/1.1", code: 403 },
    },
  });
  return { scene, policies, ids, truth: NOBODY };
};

/** Pods that nobody knows the labels of: selectors by label may or may not mean them. */
const withoutLabels = (random) => {
  const scene = createScene(random);
  scene.withoutRule("ingress");
  scene.ingress.more = [];
  const policies = scene.build();
  const bare = (end, pod_name) => ({
    ...end,
    endpoint: () => ({ namespace: scene.server.ns, pod_name }),
  });
  const { from, to, ...rest } = scene.packet({ direction: "ingress" });
  const [client, server] = [
    { ...from, ip: "10.8.0.1" },
    { ...to, ip: "10.8.0.2" },
  ];
  const ids = scene.recorder.denied({
    ...rest,
    from: bare(client, "who-1"),
    to: bare(server, "who-2"),
  });
  return { scene, policies, ids, truth: NOBODY };
};

/** The kubelet of the pod's own node may always come in. */
const ownNode = (random) => {
  const scene = createScene(random);
  const policies = scene.build();
  const to = podEnd(scene.cluster, scene.server);
  const from = nodeEnd("192.168.77.9", to.node, "host");
  const ids = scene.recorder.denied({ from, to, port: scene.port, direction: "ingress" });
  return { scene, policies, ids, truth: NOBODY };
};

/** The agent gives the address the name that a rule allows, and it was denied all the same. */
const nameIsKnown = (random) => {
  const scene = createScene(random, { style: "CiliumNetworkPolicy", egress: true });
  const policies = scene.build();
  const toFQDNs = [{ matchName: "api.partner.example" }];
  scene.built.egress[0].spec.egress.push({
    toFQDNs,
    toPorts: [{ ports: [ciliumPort(port(443))] }],
  });
  const to = outside("198.51.100.7", {
    labels: ["fqdn:api.partner.example", "reserved:world"],
    identity: 16_777_300 + random.below(99),
    names: ["api.partner.example"],
  });
  const ids = scene.recorder.denied(scene.packet({ to, port: 443 }));
  return { scene, policies, ids, truth: NOBODY };
};

export const LOOK_ALIKES = {
  "datapath reason": datapath,
  "router solicitation": routerSolicitation,
  "allowed by the policies": allowed,
  "policies of others": othersPolicies,
  "other direction": otherDirection,
  reply,
  "before the policy": beforeThePolicy,
  "after the policy": afterThePolicy,
  "deny rule elsewhere": denyRuleElsewhere,
  "request that is allowed": requestThatIsAllowed,
  "without labels": withoutLabels,
  "own node": ownNode,
  "name is known": nameIsKnown,
};
