import { covers, maskPrefix, parsePrefix, prefixText } from "../../compare/prefixes.js";
import { list, record, show, text } from "../../context/raw.js";
import type { Draft, LintRule, Path } from "../../rule.js";
import type { NetworkPolicyView, RuleView } from "../../context/network-policies.js";

export const NP003: LintRule = {
  id: "NP003",
  title: "CIDR that is wrong, or an exception outside its block",
  severity: "error",
  needs: "spec",
  help: {
    why: "The API server refuses what is no CIDR, and an exception that is not strictly inside its block. Bits behind the mask are ignored: `10.1.2.3/8` is all of 10.0.0.0/8.",
    fix: "Write the network's address, a slash and the length of the mask; except only smaller parts of it.",
  },
  *check({ networkPolicies }) {
    for (const view of networkPolicies)
      for (const rule of view.rules)
        for (const { path, value } of rule.peers) {
          const block = record(value["ipBlock"]);
          const at: Path = [...path, "ipBlock"];
          if (Object.hasOwn(block, "cidr"))
            yield* checkCidr(view, rule, [...at, "cidr"], block["cidr"]);
          const outer = parsePrefix(block["cidr"]);
          for (const [index, except] of list(block["except"]).entries()) {
            const place: Path = [...at, "except", index];
            yield* checkCidr(view, rule, place, except);
            const inner = parsePrefix(except);
            if (outer && inner && !(covers(outer, inner) && inner.bits > outer.bits))
              yield {
                on: view.source,
                path: place,
                message: `${rule.title} of NetworkPolicy ${view.title} excepts ${text(except)}, which is not strictly inside ${text(block["cidr"])}.`,
                fix:
                  covers(outer, inner) || covers(inner, outer)
                    ? "Remove the peer if nothing of the block is to be allowed, or except a smaller part."
                    : "Except a part of this block; what is outside is not allowed by it anyway.",
              };
          }
        }
  },
};

function* checkCidr(
  { source, title }: NetworkPolicyView,
  rule: RuleView,
  path: Path,
  value: unknown,
): Generator<Draft> {
  const prefix = parsePrefix(value);
  const where = `${rule.title} of NetworkPolicy ${title}`;
  if (prefix === undefined) {
    // An address that lacks only its length can mean one thing alone.
    const whole = parsePrefix(`${text(value)}/${text(value).includes(":") ? 128 : 32}`);
    yield {
      on: source,
      path,
      message: `${where} has ${show(value)} where a CIDR must stand, which the API server refuses.`,
      ...(whole
        ? {
            fix: `Write ${prefixText(whole)}.`,
            operations: [{ op: "replace", path, value: prefixText(whole) }],
          }
        : {}),
    };
    return;
  }
  const masked = maskPrefix(prefix);
  if (masked.bytes.every((byte, index) => byte === prefix.bytes[index])) return;
  yield {
    on: source,
    path,
    severity: "low",
    message: `${where} writes ${text(value)}, which means ${prefixText(masked)}.`,
    fix: `Write ${prefixText(masked)}, or a longer mask if only the one address is meant.`,
  };
}
