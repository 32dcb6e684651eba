import { expect, test } from "vitest";
import { parseManifests } from "../parse/manifests.js";

test("objects of one List and of several documents find their places in any order", () => {
  const pod = (name: string): string =>
    `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}}\nspec:\n  hostNetwork: true\n`;
  const list = `kind: List\nitems:\n- kind: Pod\n  apiVersion: v1\n  metadata: {name: c}\n- kind: Pod\n  apiVersion: v1\n  metadata:\n    name: d\n`;
  const { sources } = parseManifests(`${pod("a")}---\n${pod("b")}---\n${list}`, "f");
  const lineOf = (name: string, path: string): number =>
    sources.find((source) => source.name === name)!.placeOf(path).line;
  expect(lineOf("d", "metadata.name")).toBe(21);
  expect(lineOf("a", "spec.hostNetwork")).toBe(5);
  expect(lineOf("c", "metadata.name")).toBe(17);
  expect(lineOf("b", "spec.hostNetwork")).toBe(11);
  expect(lineOf("b", "")).toBe(7);
  expect(lineOf("d", "spec.nodeName")).toBe(18);
});
