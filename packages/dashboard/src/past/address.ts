import { isIP } from "node:net";
import type { AddressAnswer, AddressOwner, PolicyName, Viewer } from "@dropscope/model";
import { selectsEndpoint } from "@dropscope/policy";
import type { FlowReader, StoredVersion } from "@dropscope/store";
import { labelsOf } from "../compare/label-changes.js";
import type { Knowledge } from "../knowledge.js";
import { isPolicyOf, policyOf } from "../policies/policies-of.js";
import { Problem } from "../problem.js";
import { spanOf } from "../problems/texts.js";
import type { Worlds } from "../world/worlds.js";

const HOUR_MS = 3_600_000;
const MOST_FLOWS = 500;
const MOST_OTHERS = 20;

export interface AddressDeps {
  readonly knowledge: Pick<Knowledge, "objects">;
  readonly worlds: Worlds;
  readonly reader: FlowReader;
  readonly viewer: Viewer;
  readonly signal: AbortSignal;
}

/** Who had an address at a moment (ms since 1970). @throws Problem 400 `BAD_QUERY` for what is no address */
export async function addressAt(
  text: string,
  at: number,
  { knowledge, worlds, reader, viewer, signal }: AddressDeps,
): Promise<AddressAnswer> {
  const address = canonical(text);
  if (address === undefined)
    throw new Problem(
      400,
      "BAD_QUERY",
      "address: must be an IP address.",
      "Write 10.0.1.5 or fd00::5.",
    );
  const around = { viewer, since: at - HOUR_MS, until: at + HOUR_MS, kinds: ["Pod", "Node"] };
  const [versions, names] = await Promise.all([
    knowledge.objects.loadVersions(around, signal),
    namesOf(address, at, reader, viewer, signal),
  ]);
  const had = versions
    .filter((version) => addressesOf(version).some((one) => canonical(one) === address))
    .toSorted((a, b) => a.from - b.from);
  // Of several the one that had it last, as the explanations have it.
  const now = had.findLast(({ from, to }) => from <= at && at < to);
  const others = had.filter((one) => now === undefined || nameOf(one) !== nameOf(now));
  return {
    address,
    at,
    owner: now === undefined ? null : ownerOf(now),
    others: others.slice(-MOST_OTHERS).map(ownerOf),
    names,
    policies: now === undefined ? [] : await policiesOf(now, at, worlds, viewer, signal),
  };
}

async function policiesOf(
  { kind, namespace, name }: StoredVersion,
  at: number,
  worlds: Worlds,
  viewer: Viewer,
  signal: AbortSignal,
): Promise<PolicyName[]> {
  const world = await worlds.at(viewer, at, kind === "Pod" ? [namespace] : [], signal);
  const endpoint = world.view.endpoint(kind === "Pod" ? `${namespace}/${name}` : name);
  if (endpoint === undefined) return [];
  const context = world.view.context();
  return world.policies
    .map((version) => policyOf(version))
    .filter(({ specs }) =>
      specs.some((spec) => isPolicyOf(spec) && selectsEndpoint(spec, endpoint, context)),
    )
    .map(({ policy }) => policy);
}

async function namesOf(
  address: string,
  at: number,
  reader: FlowReader,
  viewer: Viewer,
  signal: AbortSignal,
): Promise<string[]> {
  const ns = (ms: number): bigint => BigInt(Math.floor(ms)) * 1_000_000n;
  const selection = { allow: [{ source_ip: [address] }, { destination_ip: [address] }], deny: [] };
  const range = { since: ns(at - HOUR_MS), until: ns(at) };
  const { rows } = await reader.page({ viewer, selection, ...range, limit: MOST_FLOWS }, signal);
  const names = new Set<string>();
  for (const { source, sourceIp, destination, destinationIp } of rows) {
    if (sourceIp === address && source.kind === "name") names.add(source.name);
    if (destinationIp === address && destination.kind === "name") names.add(destination.name);
  }
  return [...names].sort();
}

function ownerOf(version: StoredVersion): AddressOwner {
  const { kind, namespace, name } = version;
  const labels = Object.entries(labelsOf(version)).map(([key, value]) => `${key}=${value}`);
  return { kind: kind === "Node" ? "Node" : "Pod", namespace, name, labels, ...spanOf(version) };
}

function addressesOf({ spec }: StoredVersion): readonly string[] {
  const { addresses, hostNetwork } = (spec ?? {}) as {
    addresses?: readonly string[];
    hostNetwork?: boolean;
  };
  // A pod of the host network has its node's address.
  return hostNetwork === true ? [] : (addresses ?? []);
}

const nameOf = ({ kind, namespace, name }: StoredVersion): string => `${kind}/${namespace}/${name}`;

/** One text for every way to write an address; undefined for what is none. */
function canonical(text: string): string | undefined {
  const version = isIP(text);
  if (version !== 6) return version === 4 ? text : undefined;
  return new URL(`http://[${text.replace(/%.*$/, "")}]`).hostname.slice(1, -1);
}
