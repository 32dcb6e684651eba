import { describe, expect, it } from "vitest";
import type { Requirement, Selector } from "../../selector.js";
import { selectorContains, selectorsDisjoint, selectorText } from "./selectors.js";

const NAMESPACE = "io.kubernetes.pod.namespace";

function selector(
  ...requirements: (readonly [string, Requirement["operator"], ...string[]])[]
): Selector {
  return {
    requirements: requirements.map(([key, operator, ...values]) => {
      const colon = key.indexOf(":");
      return { source: key.slice(0, colon), key: key.slice(colon + 1), operator, values };
    }),
  };
}

const everything = selector();
const web = selector(["k8s:app", "In", "web"]);

describe("selectorContains", () => {
  it("contains what asks for more", () => {
    expect(selectorContains(everything, web)).toBe(true);
    expect(selectorContains(web, everything)).toBe(false);
    expect(selectorContains(selector(["k8s:app", "In", "api", "web"]), web)).toBe(true);
    expect(selectorContains(selector(["k8s:app", "Exists"]), web)).toBe(true);
    expect(selectorContains(selector(["k8s:app", "NotIn", "db"]), web)).toBe(true);
    expect(selectorContains(selector(["k8s:app", "NotIn", "web"]), web)).toBe(false);
    expect(selectorContains(selector(["k8s:app", "DoesNotExist"]), web)).toBe(false);
  });

  it("knows that NotIn also means the label's absence", () => {
    const notDb = selector(["k8s:app", "NotIn", "db"]);
    expect(selectorContains(notDb, selector(["k8s:app", "DoesNotExist"]))).toBe(true);
    expect(selectorContains(selector(["k8s:app", "Exists"]), notDb)).toBe(false);
  });

  it("takes a namespace's name label for its name", () => {
    const byName = selector([
      "k8s:io.cilium.k8s.namespace.labels.kubernetes.io/metadata.name",
      "In",
      "shop",
    ]);
    const byNamespace = selector([`k8s:${NAMESPACE}`, "In", "shop"]);
    expect(selectorContains(byName, byNamespace)).toBe(true);
    expect(selectorContains(byNamespace, byName)).toBe(true);
    expect(selectorContains(selector([`k8s:${NAMESPACE}`, "Exists"]), byName)).toBe(true);
  });

  it("takes any source for k8s only among pods", () => {
    const any = selector(["any:app", "In", "web"]);
    expect(selectorContains(any, web)).toBe(true);
    expect(selectorContains(web, any)).toBe(false);
    const anyPod = selector(["any:app", "In", "web"], [`k8s:${NAMESPACE}`, "In", "shop"]);
    expect(selectorContains(web, anyPod)).toBe(true);
  });
});

describe("selectorsDisjoint", () => {
  it("needs a contradiction", () => {
    expect(selectorsDisjoint(web, selector(["k8s:app", "In", "api"]))).toBe(true);
    expect(selectorsDisjoint(web, selector(["k8s:app", "NotIn", "web"]))).toBe(true);
    expect(selectorsDisjoint(web, selector(["k8s:app", "DoesNotExist"]))).toBe(true);
    expect(selectorsDisjoint(web, selector(["k8s:tier", "In", "front"]))).toBe(false);
    expect(selectorsDisjoint(web, everything)).toBe(false);
  });
});

describe("selectorText", () => {
  it("reads as kubectl writes selectors", () => {
    const all = selector(
      ["k8s:app", "In", "web"],
      ["k8s:tier", "In", "a", "b"],
      ["k8s:env", "NotIn", "test"],
      ["k8s:io.cilium.k8s.namespace.labels.team", "Exists"],
      ["k8s:old", "DoesNotExist"],
    );
    expect(selectorText(all.requirements)).toBe(
      "app=web, tier in (a, b), env notin (test), team, !old",
    );
  });
});
