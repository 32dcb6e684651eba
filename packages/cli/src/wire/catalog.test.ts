import { describe, expect, test } from "vitest";
import { catalogKind } from "./catalog.js";

const settings = {
  catalog: "auto",
  policies: [] as string[],
  "policies-history": false,
  kubeconfig: undefined,
  "kube-context": undefined,
  "cluster-name": "default",
};
const inPod = { KUBERNETES_SERVICE_HOST: "10.96.0.1" };

describe("where policies come from", () => {
  test.each([
    ["nothing is named", {}, {}, "none"],
    ["a folder is named", { policies: ["p"] }, {}, "folder"],
    ["a kubeconfig is named", { kubeconfig: "k" }, {}, "kubernetes"],
    ["a context is named", { "kube-context": "c" }, {}, "kubernetes"],
    ["this runs in a pod", {}, inPod, "kubernetes"],
    ["a folder is named in a pod", { policies: ["p"] }, inPod, "folder"],
    ["it is said", { catalog: "kubernetes", policies: ["p"] }, {}, "kubernetes"],
    ["nothing is wanted", { catalog: "none" }, inPod, "none"],
    ["a kubeconfig merely lies there", {}, { KUBECONFIG: "/home/me/.kube/config" }, "none"],
  ])("%s", (_, given, env, kind) => {
    expect(catalogKind({ ...settings, ...given }, env)).toBe(kind);
  });
});
