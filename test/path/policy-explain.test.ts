import { afterAll, expect, test } from "vitest";
import { cleanUp, type CliResult, runCli } from "../kit/run-cli.js";

afterAll(cleanUp);

const TEXT = `apiVersion: v1
kind: Pod
metadata: {name: api, namespace: payments, labels: {app: api}}
spec: {containers: [{name: c, image: i}]}
---
apiVersion: v1
kind: Pod
metadata: {name: db, namespace: payments, labels: {app: db}}
spec: {containers: [{name: c, image: i, ports: [{name: pg, containerPort: 5432}]}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db-ingress, namespace: payments}
spec:
  podSelector: {matchLabels: {app: db}}
  ingress:
    - from: [{podSelector: {matchLabels: {app: web}}}]
    - from: [{podSelector: {matchLabels: {app: batch, tier: back}}}]
      ports: [{port: pg}]
---
apiVersion: cilium.io/v2
kind: CiliumClusterwideNetworkPolicy
metadata: {name: no-telnet}
spec:
  endpointSelector: {}
  enableDefaultDeny: {ingress: false, egress: false}
  egressDeny:
    - toPorts: [{ports: [{port: "23", protocol: TCP}]}]
`;

const explain = (...args: string[]): Promise<CliResult> =>
  runCli(["policy", "explain", "--policies", "-", "--from", "payments/api", ...args], {
    input: TEXT,
  });

test("says both ends, every policy that selects them and every rule with its failing clauses", async () => {
  const { code, out, err } = await explain("--to", "payments/db");
  expect({ code, err }).toEqual({ code: 3, err: "" });
  expect(out)
    .toBe(`payments/api may not reach payments/db on TCP 5432: NetworkPolicy payments/db-ingress makes deny the default for ingress, and its nearest rule (spec.ingress[0], -:17) allows app=web, not app=api.

egress of payments/api: allowed
  CiliumClusterwideNetworkPolicy no-telnet (-:21) does not make deny the default
    spec.egressDeny[0] (-:28) denies everybody on TCP 23: does not match
      port: wants TCP 23, got TCP 5432

ingress of payments/db: denied by default: no rule allows it
  NetworkPolicy payments/db-ingress (-:11) makes deny the default for ingress
    spec.ingress[0] (-:17) allows pods with app=web in namespace payments on every port: does not match ← nearest
      label: wants app=web, got app=api
    spec.ingress[1] (-:18) allows pods with app=batch and tier=back in namespace payments on TCP "pg": does not match
      label: wants app=batch, got app=api
      label: wants tier=back, got no label tier
  note: TCP 5432 is the only TCP port that payments/db declares.
`);
});

test("marks the rule that decides", async () => {
  const { code, out } = await explain("--to", "1.2.3.4", "--port", "23");
  expect(code).toBe(3);
  expect(out).toContain("denies everybody on TCP 23: matches ← decides");
  expect(out).toContain("ingress of 1.2.3.4: not judged: policies do not select this end");
});

test("-o json is that of `check`, indented", async () => {
  const args = ["--to", "payments/db", "-o", "json"];
  const explained = await explain(...args);
  const checked = await runCli(
    ["policy", "check", "--policies", "-", "--from", "payments/api", ...args],
    { input: TEXT },
  );
  expect(JSON.parse(explained.out)).toEqual(JSON.parse(checked.out));
  expect(explained.code).toBe(checked.code);
});

test("an allowed connection exits with 0", async () => {
  const { code, out } = await explain("--to", "payments/api", "--port", "80");
  expect(code).toBe(0);
  expect(out).toMatch(/^payments\/api may reach payments\/api on TCP 80: /);
});
