import { describe, expect, test } from "vitest";
import { parseManifests } from "../parse/manifests.js";
import { applyEdit, applyEdits } from "./apply.js";
import { createPatch } from "./create.js";
import { applyOperations, jsonPointer } from "./operations.js";
import type { PatchOperation } from "./patch.js";

const HEAD = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web, namespace: shop}
`;

/** The file after the operations on its object `index`; undefined when there is no patch. */
function patched(text: string, operations: readonly PatchOperation[], index = 0) {
  const source = parseManifests(text, "a.yaml").sources[index]!;
  const patch = createPatch(source, operations);
  return patch && applyEdit(text, patch.edit);
}

describe("block style", () => {
  const text = `${HEAD}spec:
  # whom
  podSelector: {} # everybody
  policyTypes:
  - Ingress # only

  # from where
  ingress:
  - from:
    - podSelector: {}
    ports: # http
    - port: 80
`;

  test("an item goes behind the last one, with the list's own indentation", () => {
    const path = ["spec", "policyTypes", "-"];
    expect(patched(text, [{ op: "add", path, value: "Egress" }])).toBe(
      text.replace("  - Ingress # only\n", "  - Ingress # only\n  - Egress\n"),
    );
  });

  test("an item may go in front of another", () => {
    const path = ["spec", "policyTypes", 0];
    expect(patched(text, [{ op: "add", path, value: "Egress" }])).toBe(
      text.replace("  - Ingress # only\n", "  - Egress\n  - Ingress # only\n"),
    );
  });

  test("a map goes behind the last entry at the end of the file", () => {
    const path = ["spec", "egress"];
    const value = [{ to: [{ ipBlock: { cidr: "10.0.0.0/8" } }] }];
    expect(patched(text, [{ op: "add", path, value }])).toBe(
      `${text}  egress:\n  - to:\n    - ipBlock:\n        cidr: 10.0.0.0/8\n`,
    );
  });

  test("a word is replaced and what stands beside it stays", () => {
    const path = ["spec", "ingress", 0, "ports", 0, "port"];
    expect(patched(text, [{ op: "replace", path, value: 8080 }])).toBe(
      text.replace("port: 80\n", "port: 8080\n"),
    );
  });

  test("the only entry of a list leaves an empty list", () => {
    const path = ["spec", "ingress", 0, "ports", 0];
    const after = patched(text, [{ op: "remove", path }]);
    expect(after).toBe(text.replace(" # http\n    - port: 80\n", " [] # http\n"));
  });

  test("an entry is removed with its line", () => {
    expect(patched(text, [{ op: "remove", path: ["spec", "ingress", 0, "from"] }])).toBe(
      text.replace("  - from:\n    - podSelector: {}\n    ports:", "  - ports:"),
    );
  });

  test("an entry gets another key and keeps its comment", () => {
    const from = ["spec", "podSelector"];
    expect(patched(text, [{ op: "move", from, path: ["spec", "endpointSelector"] }])).toBe(
      text.replace("podSelector: {} # everybody", "endpointSelector: {} # everybody"),
    );
  });

  test("several operations are one edit", () => {
    const after = patched(text, [
      { op: "replace", path: ["spec", "ingress", 0, "ports", 0, "port"], value: 81 },
      { op: "add", path: ["spec", "policyTypes", "-"], value: "Egress" },
    ]);
    expect(after).toBe(
      text.replace("# only\n", "# only\n  - Egress\n").replace("port: 80\n", "port: 81\n"),
    );
  });

  test("line ends of Windows stay", () => {
    const windows = text.replaceAll("\n", "\r\n");
    const path = ["spec", "policyTypes", "-"];
    expect(patched(windows, [{ op: "add", path, value: "Egress" }])).toBe(
      windows.replace("# only\r\n", "# only\r\n  - Egress\r\n"),
    );
  });

  test("a last line without an end gets one in front of what is added", () => {
    const path = ["spec", "ingress", 0, "ports", "-"];
    expect(patched(text.trimEnd(), [{ op: "add", path, value: { port: 81 } }])).toBe(
      `${text}    - port: 81`,
    );
  });
});

describe("flow style and JSON", () => {
  test("an item goes into the brackets", () => {
    const text = `${HEAD}spec: {podSelector: {}, policyTypes: [Ingress], egress: [{}]} # all\n`;
    const path = ["spec", "policyTypes", "-"];
    expect(patched(text, [{ op: "add", path, value: "Egress" }])).toBe(
      text.replace("[Ingress]", "[Ingress, Egress]"),
    );
  });

  test("JSON stays JSON", () => {
    const object = {
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata: { name: "web" },
      spec: { podSelector: {}, policyTypes: ["Ingress"], egress: [] },
    };
    const text = JSON.stringify(object, null, 2);
    const value = [{ to: [{ podSelector: {} }] }];
    const after = patched(text, [
      { op: "replace", path: ["spec", "egress"], value },
      { op: "add", path: ["spec", "policyTypes", "-"], value: "Egress" },
    ])!;
    expect(JSON.parse(after)).toEqual({
      ...object,
      spec: { ...object.spec, egress: value, policyTypes: ["Ingress", "Egress"] },
    });
    expect(after).toContain('      "Ingress",\n      "Egress"\n');
  });
});

describe("objects among others", () => {
  const item = (name: string): string => `- apiVersion: networking.k8s.io/v1
  kind: NetworkPolicy
  metadata: {name: ${name}}
  spec:
    podSelector: {}
    ingress:
    - {}
# behind ${name}
`;

  test("an item of a List is changed in its place", () => {
    const text = `apiVersion: v1\nkind: List\nitems:\n${item("a")}${item("b")}${item("c")}`;
    const operation = { op: "add", path: ["spec", "policyTypes"], value: ["Ingress"] } as const;
    expect(patched(text, [operation], 1)).toBe(
      text.replace("    - {}\n# behind b", "    - {}\n    policyTypes:\n    - Ingress\n# behind b"),
    );
  });

  test("a document is changed in its place", () => {
    const one = (name: string): string =>
      `# ${name}\n${HEAD}spec:\n  podSelector: {}\n  policyTypes: [Ingress]\n`;
    const text = `${one("a")}---\n${one("b")}---\n${one("c")}`;
    const path = ["spec", "policyTypes", "-"];
    const [before, , after] = text.split("---\n");
    expect(patched(text, [{ op: "add", path, value: "Egress" }], 1)).toBe(
      `${before}---\n${one("b").replace("[Ingress]", "[Ingress, Egress]")}---\n${after}`,
    );
  });
});

describe("no patch", () => {
  test("where a change would show elsewhere too", () => {
    const text = `${HEAD}spec:
  podSelector: &all {matchLabels: {app: web}}
  ingress:
  - from:
    - podSelector: *all
`;
    const path = ["spec", "podSelector", "matchLabels", "app"];
    expect(patched(text, [{ op: "replace", path, value: "db" }])).toBeUndefined();
  });

  test("where the path is not written", () => {
    const text = `${HEAD}spec:\n  podSelector: {}\n`;
    const path = ["spec", "ingress", 0, "from"];
    expect(patched(text, [{ op: "remove", path }])).toBeUndefined();
    expect(patched(text, [{ op: "add", path, value: [] }])).toBeUndefined();
  });
});

test("operations do not change what they are applied to, and know no prototypes", () => {
  const value = { spec: { list: [1] } };
  const path = ["spec", "__proto__"];
  const after = applyOperations(value, [{ op: "add", path, value: { a: 1 } }])!.value;
  expect(value).toEqual({ spec: { list: [1] } });
  expect(Object.hasOwn((after as typeof value).spec, "__proto__")).toBe(true);
});

test("a path is written as a JSON pointer", () => {
  expect(jsonPointer(["a/b", 0, "c~d"])).toBe("/a~1b/0/c~0d");
});

test("edits that touch an earlier one are left", () => {
  const edits = [
    { start: 4, end: 5, replacement: "X" },
    { start: 0, end: 2, replacement: "" },
    { start: 1, end: 3, replacement: "Y" },
  ];
  expect(applyEdits("abcdef", edits)).toEqual({ text: "cdXf", left: [edits[2]] });
});
