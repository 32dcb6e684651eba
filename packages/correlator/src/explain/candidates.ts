import type { SideExplanation } from "@dropscope/policy";
import { type DirectedCase, peerOfCase, subjectOf } from "./case.js";
import type { FlowEnd } from "./ends.js";
import type { Surrounding } from "./in-flight.js";
import { isAudited } from "./packet.js";

/** A pod that is younger than this may not be known on every node yet, ms. */
const YOUNG_MS = 60_000;

/** What may make the data path deny what the policies allow; each a clause, the likeliest first. */
export function candidates(
  one: DirectedCase,
  around: Surrounding,
  side: SideExplanation | undefined,
): string[] {
  const ends = [subjectOf(one), peerOfCase(one)];
  return [
    ...(one.moment.count === 0
      ? [
          one.timed && one.moment.time < one.moment.view.knownSince
            ? "policies of that time are kept nowhere that was read"
            : "the policies were not given to this command or not read yet",
        ]
      : []),
    ...ends.flatMap((end) => identityText(end)),
    ...ends.flatMap((end) => youngText(end, one, around)),
    ...fqdnText(one, side),
    ...serviceText(one),
    ...ends.flatMap((end) => hostNetworkText(end, one)),
    ...ends.flatMap((end) => excludedText(end, one)),
    ...midwayText(one),
    ...(isAudited(one.flow)
      ? []
      : ["the node has not loaded these policies, or its policy map is full"]),
  ].slice(0, 3);
}

function identityText({ endpoint, identity }: FlowEnd): string[] {
  if (endpoint.labels.value("init", "reserved") !== undefined)
    return [
      `${endpoint.name} was still starting, with the identity init that no policy selects by labels`,
    ];
  if (endpoint.labels.value("unmanaged", "reserved") !== undefined)
    return [`Cilium does not manage ${endpoint.name}, so that it has no labels`];
  if (endpoint.labels.value("unknown", "reserved") !== undefined)
    return [`the node did not know the identity of ${endpoint.name}`];
  return identity === 0 && endpoint.kind === "pod"
    ? [`the node did not know the identity of ${endpoint.name}`]
    : [];
}

function youngText(end: FlowEnd, one: DirectedCase, { log }: Surrounding): string[] {
  if (end.pod === "" || !one.timed) return [];
  const { time } = one.moment;
  const isNew = log
    .between(time - YOUNG_MS, time, [end.pod])
    .some(
      ({ id, before }) =>
        id.kind === "Pod" && `${id.namespace}/${id.name}` === end.pod && before === undefined,
    );
  return isNew
    ? [`the pod ${end.pod} was less than a minute old and its identity not yet known on the node`]
    : [];
}

/** A rule by names matches only while the DNS proxy of the node remembers the answer. */
function fqdnText(one: DirectedCase, side: SideExplanation | undefined): string[] {
  const byName = side?.by.some(
    ({ rule }) => rule.peers !== "any" && rule.peers.some(({ of }) => of === "fqdn"),
  );
  if (byName !== true) return [];
  const { title, endpoint } = peerOfCase(one);
  const { labels } = endpoint;
  const carries = labels.texts.some((text) => text.startsWith("fqdn:"));
  return [
    carries
      ? `the DNS cache of the node and its policy map did not agree on ${title} at that moment`
      : `the DNS cache of the node no longer held the name of ${title}: its identity carries none`,
  ];
}

function serviceText(one: DirectedCase): string[] {
  const { endpoint } = one.to;
  const { layer, moment } = one;
  if (layer === undefined || endpoint.kind !== "address") return [];
  const service = moment
    .context(subjectOf(one).endpoint)
    .services.find(({ clusterAddresses }) =>
      clusterAddresses.some((address) => endpoint.addresses.includes(address)),
    );
  return service === undefined
    ? []
    : [
        `${endpoint.name} is the address of Service ${service.namespace}/${service.name}, which was not translated to a backend`,
      ];
}

function hostNetworkText({ pod, endpoint }: FlowEnd, { moment }: DirectedCase): string[] {
  const known = pod === "" ? undefined : moment.view.endpoint(pod);
  return known?.hostNetwork === true
    ? [`${endpoint.name} is on the host network, where no selector of pods means it`]
    : [];
}

/** Labels from the API server are more than an identity holds. */
function excludedText({ known, endpoint }: FlowEnd, { moment }: DirectedCase): string[] {
  if (known !== "catalog" || endpoint.kind !== "pod") return [];
  const excluded = moment.profile.excludedLabels.filter(
    (key) => endpoint.labels.value(key, "k8s") !== undefined,
  );
  return excluded.length === 0
    ? []
    : [
        `a selector uses a label that identities leave out (${endpoint.name} has ${excluded.join(", ")})`,
      ];
}

/** Policy decides when a connection starts; what comes later needs the entry of that. */
function midwayText({ flow }: DirectedCase): string[] {
  const flags = flow.l4?.TCP?.flags;
  if (flags === undefined || (flags.SYN === true && flags.ACK !== true)) return [];
  return ["the packet belongs to a connection that the node had forgotten, or is an answer of one"];
}
