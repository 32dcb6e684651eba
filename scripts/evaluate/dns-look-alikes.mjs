// For each DNS rule: scenes that look like its fault and have it not. Some have another one, by
// how they were made; then that one, and nothing else, is right.
import { nodeEnd, outside } from "./cluster.mjs";
import {
  attempts,
  byName,
  ciliumEgress,
  createDnsScene,
  DNS_PORTS,
  dnsRule,
  egress,
} from "./dns-scene.mjs";
import { dropped, openshift } from "./dns-incidents.mjs";
import { ciliumPolicy, nameFor, networkPolicy, port } from "./policies.mjs";

const done = (scene, ...rules) => ({
  scene,
  policies: scene.policies,
  truth: scene.truth(...rules),
});
const answered = (scene, count, more = {}) => {
  for (let i = 0; i < count; i++) scene.lookup({ at: i * 1.7, ...more });
};

/** Multicast DNS, the resolver's own questions, drops of answers, and a single packet. */
const D1 = (random) => {
  const scene = createDnsScene(random);
  const { recorder, pod, dns, others } = scene;
  scene.policies.push(egress(scene));
  const multicast = outside("224.0.0.251");
  for (let at = 0; at < 4; at++)
    recorder.denied({ from: pod, to: multicast, protocol: "UDP", port: 5353, socket: 5353, at });
  for (let at = 0; at < 3; at++)
    recorder.denied({ from: dns, to: outside("192.0.2.53"), protocol: "UDP", port: 53, at });
  recorder.dropped({
    from: dns,
    to: scene.peer(others[0]),
    protocol: "UDP",
    port: 40_100,
    socket: 53,
    direction: "ingress",
    reason: "CT_MAP_INSERTION_FAILED",
    reply: true,
  });
  if (random.chance(0.5))
    recorder.denied({
      from: pod,
      to: dns,
      protocol: "UDP",
      port: 53,
      at: 9,
      events: random.pick(["both", "drop"]),
    });
  return done(scene);
};

/** A deny rule is there, about something else; what fails is the default deny. */
const D2 = (random) => {
  const scene = createDnsScene(random);
  const { client, others } = scene;
  scene.policies.push(
    ciliumPolicy(client.ns, nameFor(random, "no-other"), {
      endpointSelector: { matchLabels: { app: client.app } },
      enableDefaultDeny: { egress: false },
      egressDeny: [{ toEndpoints: [{ matchLabels: { app: others[0].app } }] }],
    }),
    egress(scene),
  );
  dropped(scene);
  return done(scene, "D1");
};

/** Only the metrics of the resolver are kept away from the client. */
const D3 = (random) => {
  const scene = createDnsScene(random);
  const { recorder, pod, dns } = scene;
  scene.policies.push(
    networkPolicy("kube-system", nameFor(random, "dns"), {
      podSelector: { matchLabels: { "k8s-app": "kube-dns" } },
      ingress: [{ from: [{ namespaceSelector: {} }], ports: DNS_PORTS }],
    }),
  );
  for (let at = 0; at < random.between(2, 6); at++)
    recorder.denied({
      from: pod,
      to: dns,
      port: random.pick([9153, 8080, 8181]),
      socket: scene.socket(),
      at: at * 15,
      direction: "ingress",
    });
  answered(scene, 3);
  scene.goesOn(120);
  return done(scene);
};

/** TCP is dropped and UDP too: what is missing is the rule. */
const D4 = (random) => {
  const scene = createDnsScene(random);
  scene.policies.push(egress(scene));
  dropped(scene);
  scene.recorder.denied({
    from: scene.pod,
    to: scene.dns,
    port: 53,
    socket: scene.socket(),
    at: 21,
  });
  return done(scene, "D1");
};

/** Multicast on 5353, and the metrics of OpenShift's DNS; its queries are allowed. */
const D5 = (random) => {
  const scene = createDnsScene(random);
  const { recorder, pod } = scene;
  const to = openshift(scene);
  const peers = [
    { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "openshift-dns" } } },
  ];
  scene.policies.push(egress(scene, [port(5353, "UDP"), port(5353)], peers));
  for (let at = 0; at < 3; at++) {
    recorder.denied({
      from: pod,
      to: outside("224.0.0.251"),
      protocol: "UDP",
      port: 5353,
      socket: 5353,
      at,
    });
    recorder.denied({ from: pod, to, port: 9154, socket: scene.socket(), at: at * 10 });
  }
  return done(scene);
};

/** The cache is asked, and nothing allows DNS to anybody. */
const D6 = (random) => {
  const scene = createDnsScene(random);
  scene.policies.push(egress(scene));
  dropped(scene, { to: nodeEnd("169.254.20.10", scene.pod.node, "host") });
  return done(scene, "D1");
};

/** The name is listed: who refuses is the server behind the proxy. */
const D7 = (random) => {
  const scene = createDnsScene(random);
  scene.policies.push(ciliumEgress(scene, dnsRule([random.pick([scene.name, "*", "**.example"])])));
  for (let at = 0; at < random.between(1, 4); at++)
    scene.proxied({ at, query: scene.name, rcode: 5 });
  scene.goesOn(60);
  return done(scene);
};

/** Too few, or lost from sight, or not seen for long enough, or answered late. */
const D8 = (random) => {
  const scene = createDnsScene(random);
  const how = random.pick(["few", "lost", "short", "late"]);
  const count = how === "few" ? 2 : random.between(3, 6);
  for (let i = 0; i < count; i++) {
    scene.lookup({ at: i * 4, answer: how === "late" ? random.between(1, 4) : null });
    if (how === "lost") scene.recorder.lost({ node: scene.pod.node, at: i * 4 + 2 });
  }
  if (how !== "short") scene.goesOn(120);
  // Flows without an end are known for as long as the file goes.
  else if (count * 4 > 5) return { ...done(scene), cut: 4.5 };
  return done(scene);
};

const D9 = (random) => {
  const scene = createDnsScene(random);
  scene.policies.push(ciliumEgress(scene, dnsRule(["*"])));
  const failing = random.between(0, 2);
  for (let i = 0; i < 60; i++)
    scene.proxied({
      at: i,
      query: scene.name,
      ...(i % 25 === 3 && i / 25 < failing ? { rcode: 2 } : { ips: ["203.0.113.5"] }),
    });
  scene.goesOn(120);
  return done(scene);
};

/** Names that do not exist, and that no search list made; or the search list now and then. */
const D10 = (random) => {
  const scene = createDnsScene(random);
  const searched = random.chance(0.4);
  scene.policies.push(ciliumEgress(scene, dnsRule(["*"])));
  for (let i = 0; i < 40; i++) {
    const missing = searched ? i % 3 === 0 : i % 4 !== 0;
    const query = searched && missing ? `${scene.name}.cluster.local` : `h${i}.blocklist.example`;
    scene.proxied({ at: i, query, ...(missing ? { rcode: 3 } : { ips: ["203.0.113.77"] }) });
  }
  scene.goesOn(120);
  return done(scene);
};

/** An address of another name, another port, or one that nobody looked up. */
const D11 = (random) => {
  const scene = createDnsScene(random);
  const { recorder, pod } = scene;
  scene.policies.push(ciliumEgress(scene, dnsRule(["*"]), byName(scene.name)));
  const how = random.pick(["other-name", "other-port", "never-looked-up"]);
  const ip = `198.51.100.${random.between(1, 250)}`;
  if (how !== "never-looked-up")
    scene.proxied({
      at: 0,
      query: how === "other-name" ? "tracker.ads.example" : scene.name,
      ips: [ip],
    });
  for (const at of attempts(random, 2))
    recorder.denied({
      from: pod,
      to: outside(ip),
      port: how === "other-port" ? 8443 : 443,
      socket: 41_000,
      at,
    });
  scene.goesOn(60);
  return done(scene);
};

/** Another policy of the same pod sends its queries through the proxy; or no name is in any rule. */
const D12 = (random) => {
  const scene = createDnsScene(random);
  const { recorder, pod, dns, name } = scene;
  const proxies = random.chance(0.6);
  if (proxies)
    scene.policies.push(ciliumEgress(scene, byName(name)), ciliumEgress(scene, dnsRule(["*"])));
  else scene.policies.push(ciliumEgress(scene, dnsRule(undefined), { toCIDR: ["203.0.113.0/24"] }));
  recorder.passed({
    from: pod,
    to: dns,
    protocol: "UDP",
    port: 53,
    socket: 40_700,
    at: 0,
    redirected: proxies,
  });
  if (proxies) scene.proxied({ at: 0.001, query: name, ips: ["203.0.113.5"] });
  else answered(scene, 4);
  scene.goesOn(60);
  return done(scene);
};

/** A rhythm that is no waiting: polling, or attempts that a policy drops. */
const D13 = (random) => {
  const scene = createDnsScene(random);
  if (random.chance(0.5)) {
    const socket = scene.socket();
    for (let i = 0; i < random.between(8, 20); i++) scene.lookup({ at: i * 5, socket });
    scene.goesOn(240);
    return done(scene);
  }
  scene.policies.push(egress(scene));
  for (const start of [0, 20, 40]) {
    const socket = scene.socket();
    for (const wait of [0, 5, 10])
      scene.recorder.denied({
        from: scene.pod,
        to: scene.dns,
        protocol: "UDP",
        port: 53,
        socket,
        at: start + wait,
      });
  }
  scene.goesOn(240);
  return done(scene, "D1");
};

export const DNS_LOOK_ALIKES = { D1, D2, D3, D4, D5, D6, D7, D8, D9, D10, D11, D12, D13 };
