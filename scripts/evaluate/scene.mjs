// A client that may reach a server by construction, among policies that are about others.
import { createCluster, clusterManifests, podEnd } from "./cluster.mjs";
import { createRecorder, START } from "./flows.mjs";
import { allow, DNS_PORTS, peer, port, STYLES } from "./policies.mjs";

/**
 * What is right: `ingress` and `egress` say how the policies of either end are written, and may be
 * changed before `build()`. Whoever breaks it changes one thing, and knows by that what is wrong.
 */
export function createScene(
  random,
  { style, sameNamespace, otherNamespace, egress, ingress } = {},
) {
  const cluster = createCluster(random);
  const server = random.pick(cluster.workloads);
  const candidates = cluster.workloads.filter(
    (one) =>
      one !== server &&
      (sameNamespace !== true || one.ns === server.ns) &&
      (otherNamespace !== true || one.ns !== server.ns),
  );
  // Another draw rather than a special case.
  if (candidates.length === 0)
    return createScene(random, { style, sameNamespace, otherNamespace, egress, ingress });
  const client = random.pick(candidates);
  const number = server.ports[0].port;
  const kind = style ?? random.pick(STYLES);
  const others = random.some(
    cluster.workloads.filter((one) => one !== client && one !== server),
    0.4,
  );
  const scene = {
    random,
    cluster,
    client,
    server,
    port: number,
    protocol: "TCP",
    history: [],
    extra: [],
    ingress: {
      on: ingress ?? true,
      style: kind,
      rules: random.shuffle([
        {
          of: client,
          peers: [peer(random, kind, cluster, client, server.ns)],
          ports: [port(number)],
        },
        ...others.map((one) => ({
          of: one,
          peers: [peer(random, kind, cluster, one, server.ns)],
          ports: [port(random.pick([number, 9102, 53]))],
        })),
      ]),
      more: random.some(["namespace", "second"], 0.4),
    },
    egress: {
      on: egress ?? random.chance(0.5),
      style: kind,
      rules: [
        {
          of: server,
          peers: [peer(random, kind, cluster, server, client.ns)],
          ports: [port(number)],
        },
        {
          of: cluster.dns,
          peers: [peer(random, kind, cluster, cluster.dns, client.ns)],
          ports: DNS_PORTS,
        },
      ],
      more: [],
    },
    recorder: createRecorder(random),
    /** The rule of a side that lets the connection pass. */
    ruleFor: (side) =>
      scene[side].rules.find(({ of }) => of === (side === "ingress" ? client : server)),
    withoutRule(side) {
      scene[side].rules = scene[side].rules.filter((one) => one !== scene.ruleFor(side));
    },
    /** Policies that isolate the subject of a side, once they are built. */
    isolating: (side) => scene.built[side],
    built: { ingress: [], egress: [] },
    packet(more = {}) {
      const { pods } = client;
      return {
        from: podEnd(cluster, client, random.pick(pods)),
        to: podEnd(cluster, server, random.pick(server.pods)),
        port: number,
        socket: random.between(32_768, 60_000),
        ...more,
      };
    },
    build() {
      for (const side of ["ingress", "egress"])
        scene.built[side] = scene[side].on ? sideOf(scene, side) : [];
      return [...scene.built.ingress, ...scene.built.egress, ...decoys(scene), ...scene.extra];
    },
    manifests: () => clusterManifests(cluster),
  };
  return scene;
}

/** The policy that allows, and others that isolate the same pod and allow somebody else. */
function sideOf({ random, cluster, client, server, ...scene }, side) {
  const subject = side === "ingress" ? server : client;
  const { style, rules, more } = scene[side];
  const { ns } = subject;
  const stranger = cluster.workloads.find((one) => one !== client && one !== server);
  return [
    allow(random, { style, ns, selects: subject, direction: side, rules }),
    ...(more.includes("namespace")
      ? [allow(random, { style: "NetworkPolicy", ns, direction: side, rules: [] })]
      : []),
    ...(more.includes("second")
      ? [
          allow(random, {
            style,
            ns,
            selects: { app: subject.app, labels: { app: subject.app } },
            direction: side,
            rules: [{ peers: [peer(random, style, cluster, stranger, ns)], ports: [port(7777)] }],
          }),
        ]
      : []),
  ];
}

/** About other pods, or about the other direction of pods that have nothing to do with it. */
function decoys({ random, cluster, client, server }) {
  const others = cluster.workloads.filter((one) => one !== client && one !== server);
  return random.some(others, 0.5).map((one) =>
    allow(random, {
      style: random.pick(STYLES),
      ns: one.ns,
      selects: one,
      direction: random.pick(["ingress", "egress"]),
      rules: [],
    }),
  );
}

/** @param seconds after the start of the scene */
export const momentOf = (seconds) => START + seconds * 1000;

export const keyOf = ({ kind, metadata: { namespace = "", name } }) =>
  `${kind}/${namespace}/${name}`;
