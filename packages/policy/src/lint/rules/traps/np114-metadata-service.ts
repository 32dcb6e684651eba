import { inBlock, parseCidr } from "../../../match/cidr.js";
import type { PatchOperation } from "../../../patch/patch.js";
import type { Peer, Rule } from "../../../policy.js";
import { pathSteps } from "../../../source/path.js";
import { list, record } from "../../context/raw.js";
import type { Json } from "../../context/raw.js";
import type { LintRule } from "../../rule.js";
import { at, policyName, ruleName } from "../say.js";

/** Where AWS, Azure, Google Cloud and most others answer with credentials of the node. */
const METADATA = "169.254.169.254";

export const NP114: LintRule = {
  id: "NP114",
  title: "Egress to everywhere reaches the cloud's metadata service",
  severity: "medium",
  needs: "spec",
  help: {
    why: "169.254.169.254 hands out credentials of the node to whoever asks by HTTP. A block for all of the internet includes it.",
    fix: "Take it out: `except: [169.254.169.254/32]`.",
  },
  *check(context) {
    for (const policy of context.manifests.policies)
      for (const rule of policy.rules) {
        if (rule.direction !== "egress" || rule.action !== "allow" || !allowsHttp(rule)) continue;
        for (const peer of rule.peers === "any" ? [] : rule.peers) {
          if (peer.of !== "cidr" || !isWide(peer.cidr)) continue;
          if (!inBlock(peer.cidr, peer.except, METADATA)) continue;
          const where = at(context, policy, peer.place);
          if (!where) continue;
          const operations = exceptIt(where.on.value, peer);
          yield {
            ...where,
            message: `${ruleName(rule)} of ${policyName(policy)} allows ${peer.cidr} with the metadata service at ${METADATA} in it.`,
            ...(operations ? { operations } : {}),
          };
        }
      }
  },
};

/** The service speaks HTTP on port 80 alone. */
function allowsHttp({ ports }: Rule): boolean {
  return (
    ports === "any" ||
    ports.some(
      (port) =>
        port.of === "number" &&
        port.protocols.includes("TCP") &&
        port.first <= 80 &&
        80 <= port.last,
    )
  );
}

/** Who names the link-local range, or the address itself, means it. */
function isWide(cidr: string): boolean {
  return (parseCidr(cidr)?.bits ?? 32) < 16;
}

function exceptIt(object: Json, { place }: Peer): readonly PatchOperation[] | undefined {
  const path = pathSteps(place.path);
  const written = record(valueAt(object, path));
  const inside = Object.hasOwn(written, "ipBlock") ? [...path, "ipBlock"] : path;
  const block = record(valueAt(object, inside));
  // `toCIDR` is a list of texts, which have no exceptions.
  if (typeof block["cidr"] !== "string") return undefined;
  const value = `${METADATA}/32`;
  return list(block["except"]).length > 0
    ? [{ op: "add", path: [...inside, "except", "-"], value }]
    : [{ op: "add", path: [...inside, "except"], value: [value] }];
}

function valueAt(object: unknown, path: readonly (string | number)[]): unknown {
  let value = object;
  for (const part of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, part))
      return undefined;
    value = (value as Record<string | number, unknown>)[part];
  }
  return value;
}
