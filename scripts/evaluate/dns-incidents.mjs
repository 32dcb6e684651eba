// For each DNS rule: scenes that have exactly its fault, by how they were made.
import { nodeEnd, outside, podEnd } from "./cluster.mjs";
import {
  attempts,
  byName,
  ciliumEgress,
  createDnsScene,
  createWorkload,
  DNS_PORTS,
  dnsRule,
  egress,
  NAMES,
} from "./dns-scene.mjs";
import { ciliumPolicy, nameFor, networkPolicy, port } from "./policies.mjs";

const done = (scene, ...rules) => ({
  scene,
  policies: scene.policies,
  truth: scene.truth(...rules),
});

function dropped(scene, { to = scene.dns, protocol = "UDP", number = 53, ...more } = {}) {
  const { random, recorder, pod } = scene;
  const socket = scene.socket();
  // Either kind of event may be turned off in a cluster.
  const events = random.pick(["both", "drop", "verdict"]);
  for (const at of attempts(random, random.between(0, 20)))
    recorder.denied({
      from: pod,
      to,
      protocol,
      port: number,
      socket,
      at,
      events,
      ...more,
    });
}

const D1 = (random) => {
  const scene = createDnsScene(random);
  scene.policies.push(egress(scene));
  dropped(scene);
  return done(scene, "D1");
};

const D2 = (random) => {
  const scene = createDnsScene(random);
  const { client } = scene;
  const rule = ciliumPolicy(client.ns, nameFor(random, "no-dns"), {
    endpointSelector: { matchLabels: { app: client.app } },
    enableDefaultDeny: { egress: random.chance(0.5) },
    egressDeny: [{ toPorts: [{ ports: [{ port: "53", protocol: random.pick(["ANY", "UDP"]) }] }] }],
  });
  scene.policies.push(rule);
  dropped(scene, { reason: "POLICY_DENY", ...(random.chance(0.6) ? { deniedBy: [rule] } : {}) });
  return done(scene, "D2");
};

/** A policy on the resolver's pods knows one namespace only. */
const D3 = (random) => {
  const scene = createDnsScene(random);
  const { recorder, pod, dns } = scene;
  scene.policies.push(
    networkPolicy("kube-system", nameFor(random, "dns"), {
      podSelector: { matchLabels: { "k8s-app": "kube-dns" } },
      ingress: [
        { from: [{ namespaceSelector: { matchLabels: { team: "nobody" } } }], ports: DNS_PORTS },
      ],
    }),
  );
  const socket = scene.socket();
  for (const at of attempts(random, 1)) {
    recorder.passed({ from: pod, to: dns, protocol: "UDP", port: 53, socket, at });
    recorder.denied({
      from: pod,
      to: dns,
      protocol: "UDP",
      port: 53,
      socket,
      at: at + 0.001,
      direction: "ingress",
    });
  }
  return done(scene, "D3");
};

const D4 = (random) => {
  const scene = createDnsScene(random);
  scene.policies.push(egress(scene, [port(53, "UDP")]));
  const start = random.between(0, 10);
  for (let i = 0; i < random.between(1, 4); i++) scene.lookup({ at: start + i });
  scene.recorder.denied({
    from: scene.pod,
    to: scene.dns,
    port: 53,
    socket: scene.socket(),
    at: start + 5,
  });
  scene.goesOn(90);
  return done(scene, "D4");
};

const openshift = (scene) => {
  const { random, cluster } = scene;
  cluster.namespaces.set("openshift-dns", { "kubernetes.io/metadata.name": "openshift-dns" });
  const labels = { "dns.operator.openshift.io/daemonset-dns": "default" };
  const workload = createWorkload(random, {
    ns: "openshift-dns",
    app: "dns-default",
    index: 60,
    labels,
  });
  workload.ports = [
    { name: "dns", port: 5353, protocol: "UDP" },
    { name: "dns-tcp", port: 5353, protocol: "TCP" },
  ];
  scene.extra = [workload];
  return podEnd(cluster, workload);
};

const D5 = (random) => {
  const scene = createDnsScene(random);
  const to = openshift(scene);
  const peers = [
    { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "openshift-dns" } } },
  ];
  scene.policies.push(egress(scene, DNS_PORTS, peers));
  dropped(scene, { to, number: 5353, protocol: random.pick(["UDP", "UDP", "TCP"]) });
  return done(scene, "D5");
};

const D6 = (random) => {
  const scene = createDnsScene(random);
  scene.policies.push(egress(scene, DNS_PORTS));
  const to = nodeEnd(random.pick(["169.254.20.10", "169.254.25.10"]), scene.pod.node, "host");
  dropped(scene, { to });
  return done(scene, "D6");
};

/** A name that no list has, or one that only its search list makes. */
const D7 = (random) => {
  const scene = createDnsScene(random);
  const { client, name } = scene;
  const expands = random.chance(0.5);
  const listed = expands ? name : "*.internal.example";
  scene.policies.push(ciliumEgress(scene, dnsRule([listed])));
  const query = expands
    ? `${name}.${random.pick([`${client.ns}.svc.cluster.local`, "cluster.local"])}`
    : name;
  for (let i = 0; i < random.between(1, 4); i++)
    scene.proxied({ at: i * 3, query, rcode: 5, refused: true });
  scene.goesOn(60);
  return done(scene, "D7");
};

const D8 = (random) => {
  const scene = createDnsScene(random);
  if (random.chance(0.5)) scene.policies.push(egress(scene, DNS_PORTS));
  for (let i = 0; i < random.between(3, 8); i++)
    scene.lookup({ at: i * random.pick([3, 7]), answer: null });
  for (const other of scene.others.slice(0, 2))
    for (let i = 0; i < 3; i++) scene.lookup({ from: scene.peer(other), at: i * 6 + 1 });
  scene.goesOn(120);
  return done(scene, "D8");
};

const D9 = (random) => {
  const scene = createDnsScene(random);
  scene.policies.push(ciliumEgress(scene, dnsRule(["*"])));
  const [failing, all] = [random.between(4, 8), random.between(20, 50)];
  for (let i = 0; i < all; i++)
    scene.proxied({
      at: i,
      query: scene.name,
      ...(i < failing ? { rcode: 2 } : { ips: ["203.0.113.5"] }),
    });
  scene.goesOn(120);
  return done(scene, "D9");
};

const D10 = (random) => {
  const scene = createDnsScene(random);
  const { client } = scene;
  scene.policies.push(ciliumEgress(scene, dnsRule(["*"])));
  let at = 0;
  for (const query of random.shuffle([...NAMES, ...NAMES]).slice(0, random.between(4, 8)))
    for (const suffix of [
      `.${client.ns}.svc.cluster.local`,
      ".svc.cluster.local",
      ".cluster.local",
      "",
    ])
      for (const type of ["A", "AAAA"])
        scene.proxied({
          at: (at += 0.4),
          query: `${query}${suffix}`,
          type,
          ...(suffix ? { rcode: 3 } : { ips: type === "A" ? ["203.0.113.5"] : [] }),
        });
  scene.goesOn(120);
  return done(scene, "D10");
};

/** The rule allows the name; the address was answered, and not known by it when the packet came. */
const D11 = (random) => {
  const scene = createDnsScene(random);
  const { name, recorder, pod } = scene;
  scene.policies.push(ciliumEgress(scene, dnsRule(["*"]), byName(name)));
  const ip = `203.0.113.${random.between(1, 250)}`;
  scene.proxied({ at: 0, query: name, ips: [ip], ttl: 30 });
  const at = random.pick([0.05, 0.4, 60, 300]);
  for (let i = 0; i < random.between(1, 3); i++)
    recorder.denied({
      from: pod,
      to: outside(ip),
      port: 443,
      socket: scene.socket(),
      at: at + i * 0.1,
    });
  scene.goesOn(400);
  return done(scene, "D11");
};

const D12 = (random) => {
  const scene = createDnsScene(random);
  const { recorder, pod, dns } = scene;
  const rules = [dnsRule(undefined), byName(scene.name)];
  scene.policies.push(
    ...(random.chance(0.5)
      ? [ciliumEgress(scene, ...rules)]
      : rules.map((rule) => ciliumEgress(scene, rule))),
  );
  for (let i = 0; i < random.between(1, 5); i++) {
    const socket = scene.socket();
    recorder.passed({ from: pod, to: dns, protocol: "UDP", port: 53, socket, at: i * 2 });
    scene.lookup({ at: i * 2 + 0.000_1, socket });
  }
  scene.goesOn(60);
  return done(scene, "D12");
};

/** One of two packets vanishes: the lookup takes one wait longer, and succeeds. */
const D13 = (random) => {
  const scene = createDnsScene(random);
  const wait = random.pick([2.5, 5]);
  for (let i = 0; i < random.between(3, 6); i++) {
    const [socket, at] = [scene.socket(), i * 25 + random.between(0, 5)];
    scene.lookup({ at, socket, answer: null });
    scene.lookup({ at: at + wait + random.between(0, 30) / 1000, socket });
  }
  for (let i = 0; i < random.between(5, 20); i++) scene.lookup({ at: i * 7.3 });
  scene.goesOn(240);
  return done(scene, "D13");
};

export const DNS_INCIDENTS = { D1, D2, D3, D4, D5, D6, D7, D8, D9, D10, D11, D12, D13 };
export { dropped, openshift };
