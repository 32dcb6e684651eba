import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { cleanUp, expectClearError, runCli, scratchDir } from "../kit/run-cli.js";

afterAll(cleanUp);

const policy = (name: string, spec: string, annotations = ""): string => `---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: ${name}
  namespace: shop
${annotations}spec:
${spec}`;

const HIGH = policy(
  "egress",
  "  podSelector: {}\n  policyTypes: [Ingress]\n  egress:\n    - ports: [{port: 443}]\n",
);
const ERROR = policy("peer", "  podSelector: {}\n  ingress:\n    - from: [{}]\n");
const CLEAN = policy(
  "clean",
  "  podSelector: {matchLabels: {app: web}}\n  policyTypes: [Ingress]\n  ingress:\n    - from: [{podSelector: {matchLabels: {app: proxy}}}]\n      ports: [{port: 80}]\n",
);

/** A folder with these files. */
function folder(files: Readonly<Record<string, string>>): string {
  const dir = join(scratchDir("lint"), "manifests");
  mkdirSync(dir);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text);
  return dir;
}

const lint = (...args: string[]) => runCli(["policy", "lint", ...args]);

interface Report {
  readonly findings: readonly Record<string, unknown>[];
  readonly counts: Readonly<Record<string, number>>;
}

describe("what is found", () => {
  test("as text: by file, with place, severity, id, sentence and fix, and a count", async () => {
    const { code, out, err } = await lint(
      folder({ "a.yaml": HIGH, "b.yaml": CLEAN }),
      "--only",
      "NP005",
    );
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toMatch(
      /^\S*manifests\/a\.yaml\n {2}10:3 {2}high {2}NP005 {2}NetworkPolicy shop\/egress has egress rules/,
    );
    expect(out).toContain("fix: Add Egress to policyTypes");
    expect(out).toMatch(/\n\n1 finding in 1 file: 1 high\. 1 with a patch\.\n$/);
  });

  test("nothing at all is said too", async () => {
    const { code, out } = await lint(folder({ "b.yaml": CLEAN }));
    expect({ code, out }).toEqual({ code: 0, out: "No findings.\n" });
  });

  test("as JSON, with patches as pointers and as edits of the text", async () => {
    const { out } = await lint(folder({ "a.yaml": HIGH }), "-o", "json", "--only", "NP005");
    const { findings, counts } = JSON.parse(out) as Report;
    expect(counts).toMatchObject({ error: 0, high: 1 });
    expect(findings[0]).toMatchObject({
      id: "NP005",
      severity: "high",
      place: { line: 10, column: 3, path: "spec.egress" },
      object: { kind: "NetworkPolicy", namespace: "shop", name: "egress" },
      patch: { operations: [{ op: "add", path: "/spec/policyTypes/-", value: "Egress" }] },
    });
    expect(findings[0]!["asOf"]).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/);
  });

  test("as SARIF, with the places of rules, results and fixes", async () => {
    const { out } = await lint(folder({ "a b.yaml": HIGH }), "-o", "sarif", "--only", "NP005");
    const log = JSON.parse(out) as { version: string; runs: Record<string, unknown>[] };
    expect(log.version).toBe("2.1.0");
    expect(log.runs).toMatchObject([
      {
        tool: { driver: { name: "dropscope", rules: [{ id: "NP005" }] } },
        results: [
          {
            ruleId: "NP005",
            ruleIndex: 0,
            level: "error",
            locations: [
              {
                physicalLocation: {
                  artifactLocation: { uri: expect.stringMatching(/manifests\/a%20b\.yaml$/) },
                  region: { startLine: 10, startColumn: 3 },
                },
              },
            ],
            partialFingerprints: { "dropscopeFinding/v1": expect.stringMatching(/^[0-9a-f]{16}$/) },
            fixes: [
              {
                artifactChanges: [
                  {
                    replacements: [
                      {
                        deletedRegion: { startLine: 9, endLine: 9 },
                        insertedContent: { text: ", Egress" },
                      },
                    ],
                  },
                ],
              },
            ],
          },
        ],
      },
    ]);
  });

  test("the same from standard input, and on every run", async () => {
    const { out } = await runCli(["policy", "lint", "-"], { input: HIGH + ERROR });
    expect(out).toMatch(/^-\n/);
    const again = await runCli(["policy", "lint", "-"], { input: HIGH + ERROR });
    expect(again.out).toBe(out);
  });

  test("a document that cannot be read, beside what the others have", async () => {
    const text = `${HIGH}---\na: [\n`;
    const { code, out, err } = await lint(folder({ "a.yaml": text }));
    expect({ code, err }).toEqual({ code: 1, err: "" });
    expect(out).toMatch(/ error {2}YAML {2}The document cannot be read/);
    expect(out).toContain("NP005");
  });

  test("text that would move the cursor is shown, not sent", async () => {
    const { out } = await lint(
      folder({ "a.yaml": HIGH.replace("name: egress", 'name: "\\e[2Jx"') }),
    );
    expect(out).not.toContain("\u001b");
  });
});

describe("the exit code", () => {
  test.each([
    ["error", 0, 1],
    ["high", 1, 1],
    ["never", 0, 0],
  ])("with --fail-on %s", async (level, ofHigh, ofError) => {
    const high = await lint(folder({ "a.yaml": HIGH }), "--fail-on", level);
    const error = await lint(folder({ "a.yaml": ERROR }), "--fail-on", level);
    expect([high.code, error.code]).toEqual([ofHigh, ofError]);
  });

  test("a folder without an object is no clean folder", async () => {
    expectClearError(await lint(folder({})), "POLICY_EMPTY", 66);
    expectClearError(await lint(folder({ "a.yaml": "# nothing\n" })), "POLICY_EMPTY", 66);
    expectClearError(await lint("nowhere"), "POLICY_FILE", 66);
  });

  test("a mistyped id or level is refused", async () => {
    const dir = folder({ "a.yaml": HIGH });
    expectClearError(await lint(dir, "--only", "NP0O5"), "USAGE", 2);
    expectClearError(await lint(dir, "--fail-on", "worst"), "USAGE", 2);
  });
});

describe("which lints", () => {
  test("only some, or all but some", async () => {
    const dir = folder({ "a.yaml": HIGH + ERROR });
    expect((await lint(dir, "--only", "np002,NP003")).out).not.toContain("NP005");
    const { out } = await lint(dir, "--except", "NP002", "--except", "BAD_PEER");
    expect(out).toContain("NP005");
    expect(out).not.toContain("NP002");
  });

  test("an annotation silences one on its object", async () => {
    const annotations = "  annotations: {dropscope.io/ignore: NP005}\n";
    const quiet = HIGH.replace("  namespace: shop\n", `  namespace: shop\n${annotations}`);
    const { out } = await lint(
      folder({ "a.yaml": quiet, "b.yaml": HIGH.replace("egress\n", "other\n") }),
    );
    expect(out.match(/NP005/g)).toHaveLength(1);
  });

  test("flags tell what no object does", async () => {
    const dir = folder({ "a.yaml": CLEAN });
    expect((await lint(dir, "--only", "NP020", "--cni", "flannel")).out).toContain("NP020");
    expect((await lint(dir, "--only", "NP020", "--cni", "calico")).out).toBe("No findings.\n");
  });

  test("--namespace is that of objects that name none", async () => {
    const dir = folder({ "a.yaml": HIGH.replace("  namespace: shop\n", "") });
    expect((await lint(dir)).out).toContain("NP010");
    const { out } = await lint(dir, "--namespace", "shop");
    expect(out).not.toContain("NP010");
    expect(out).toContain("NetworkPolicy shop/egress");
  });
});
