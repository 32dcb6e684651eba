import { resolve } from "node:path";
import { expect, test } from "vitest";
import { fileLabels } from "./label.js";

test("below the folder that was named", () => {
  const label = fileLabels(["/srv/cluster/policies/"]);
  expect(label("/srv/cluster/policies/web/a.yaml")).toBe("web/a.yaml");
  expect(label("/srv/cluster/policies-old/a.yaml")).toBe("/srv/cluster/policies-old/a.yaml");
});

test("a folder named from here, and a single file", () => {
  expect(fileLabels(["manifests"])(resolve("manifests/a.yaml"))).toBe("a.yaml");
  expect(fileLabels(["manifests"])("manifests/a.yaml")).toBe("a.yaml");
  expect(fileLabels(["manifests/a.yaml"])("manifests/a.yaml")).toBe("a.yaml");
  expect(fileLabels(["-"])("-")).toBe("-");
});

test("several folders are told apart", () => {
  const label = fileLabels(["/srv/base", "/srv/overlay"]);
  expect(label("/srv/base/a.yaml")).toBe("base/a.yaml");
  expect(label("/srv/overlay/a.yaml")).toBe("overlay/a.yaml");
  const same = fileLabels(["/one/policies", "/two/policies"]);
  expect(same("/one/policies/a.yaml")).toBe("/one/policies/a.yaml");
});
