import { describe, expect, it } from "vitest";
import { connectionText } from "../set-text.js";
import { KUBERNETES, manifestsOf, networkPolicy } from "../testing.js";
import { explainConnections } from "./explain.js";

const manifests = manifestsOf(
  ["shop/web", "shop/db"],
  networkPolicy(
    "shop",
    "db",
    `{podSelector: {matchLabels: {app: db}}, policyTypes: [Ingress, Egress],
      ingress: [{from: [{podSelector: {matchLabels: {app: other}}}]},
                {from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 5432}]}]}`,
  ),
);

const partsOf = (from: string, to: string): string[] =>
  explainConnections(manifests, KUBERNETES)
    .filter((pair) => pair.from.text.startsWith(from) && pair.to.text.startsWith(to))
    .flatMap(({ parts }) =>
      parts.map(
        ({ allowed, set, egress, ingress }) =>
          `${allowed} ${connectionText(set)} | ${egress.reasons.join(" & ")} | ${ingress.reasons.join(" & ")}`,
      ),
    );

const DEFAULT = "the system default (Allow all)";

describe("why a pair of ends may exchange what", () => {
  it("names the rule that allows, and the near miss for the rest", () => {
    expect(partsOf("shop/web", "shop/db")).toEqual([
      `false SCTP 1-65535,TCP 1-5431,5433-65535,UDP 1-65535 | ${DEFAULT} | NetworkPolicy 'shop/db' selects shop/db[Deployment], and Ingress rule #2 selects shop/web[Deployment], but the protocols and ports do not match`,
      `true TCP 5432 | ${DEFAULT} | NetworkPolicy 'shop/db' allows connections by Ingress rule #2`,
    ]);
  });

  it("says that no rule is about the other end, and that there is none", () => {
    expect(partsOf("0.0.0.0", "shop/db")).toEqual([
      `false All Connections | ${DEFAULT} | NetworkPolicy 'shop/db' selects shop/db[Deployment], but 0.0.0.0-255.255.255.255[External] is not allowed by any Ingress rule`,
    ]);
    expect(partsOf("shop/db", "shop/web")).toEqual([
      `false All Connections | NetworkPolicy 'shop/db' selects shop/db[Deployment], but shop/web[Deployment] is not allowed by any Egress rule (no rules defined) | ${DEFAULT}`,
    ]);
  });

  it("tells of the default where no policy has a say", () => {
    expect(partsOf("shop/web", "0.0.0.0")).toEqual([
      `true All Connections | ${DEFAULT} | ${DEFAULT}`,
    ]);
  });
});
