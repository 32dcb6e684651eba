import { execFileSync } from "node:child_process";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Notice } from "@dropscope/correlator";
import { until } from "@dropscope/ingester/testing";
import type { FlowRow, ProblemRow } from "@dropscope/model";
import { launchBrowser, openPage } from "../kit/browser.js";
import type { Watched } from "../kit/browser.js";
import { cleanUp, dashboardUrl, getJson, scratchDir, startCli } from "../kit/run-cli.js";
import type { Cli } from "../kit/run-cli.js";

/** No drop for so long, and the problem is over: three times what any incident waits between two attempts. */
const RESOLVED_AFTER_S = 15;
/** A drop that was judged before the patch may be dated so long after it, ms. */
const LATE_MS = 1_500;
/** Drops of so long after an edit that must not help prove that it did not, ms. */
const WATCHED_MS = 5_000;
/** For whatever the machine has to come to. */
const PATIENT = { timeout: 180_000, interval: 500 };

interface Incident {
  readonly name: string;
  /** The row of the list. */
  readonly row: RegExp;
  /** File and policy that the page must blame and change. */
  readonly file: string;
  readonly policy: string;
  /** What the failing clause is about, as the page says it at the line. */
  readonly clause: RegExp;
  /** What the page says to do, and lines of the patch. */
  readonly todo: RegExp;
  readonly adds: readonly string[];
  /** A mistake that somebody could make instead of the patch. */
  readonly wrong: (yaml: string) => string;
  /** The traffic that passes once it is repaired. */
  readonly filter: string;
}

const INCIDENTS: readonly Incident[] = [
  {
    name: "egress-without-dns",
    row: /web\/checkout → kube-system\/coredns :53\/UDP/,
    file: "checkout-egress.yaml",
    policy: "web/checkout-egress",
    clause: /wanted/,
    todo: /UDP and TCP 53 to pods with k8s-app=kube-dns in kube-system/,
    adds: ["k8s-app: kube-dns", "- protocol: UDP"],
    // A port without a protocol is TCP.
    wrong: (yaml) =>
      `${yaml}    - to:\n        - namespaceSelector: {}\n      ports:\n        - port: 53\n`,
    filter: "--from-pod web/checkout --to-pod kube-system/coredns --to-port 53",
  },
  {
    name: "or-instead-of-and",
    row: /web\/storefront-preview → payments\/fraud :8080\/TCP/,
    file: "fraud-ingress.yaml",
    policy: "payments/fraud-ingress",
    clause: /app=checkout/,
    todo: /pods with app=storefront-preview in web/,
    adds: ["app: storefront-preview"],
    wrong: (yaml) => yaml.replace("app: checkout", "app: storefront"),
    filter: "--from-pod web/storefront-preview --to-pod payments/fraud --to-port 8080",
  },
  {
    name: "renamed-label",
    row: /web\/checkout-v2 → payments\/payments-api :8443\/TCP/,
    file: "payments-api-ingress.yaml",
    policy: "payments/payments-api-ingress",
    clause: /app=checkout/,
    todo: /pods with app=checkout-v2 in web/,
    adds: ["app: checkout-v2"],
    wrong: (yaml) => yaml.replace("app: checkout", "app: checkoutv2"),
    filter: "--from-pod web/checkout-v2 --to-pod payments/payments-api --to-port 8443",
  },
  {
    name: "scrape-port",
    row: /monitoring\/prometheus → payments\/payments-api :9464\/TCP/,
    file: "payments-api-ingress.yaml",
    policy: "payments/payments-api-ingress",
    clause: /9102/,
    todo: /TCP 9464/,
    adds: ["port: 9464"],
    wrong: (yaml) => yaml.replace("port: 9102", "port: 9100"),
    filter: "--from-pod monitoring/prometheus --to-pod payments/payments-api --to-port 9464",
  },
];

/**
 * What goes wrong in the simulated cluster, through the real product into a real browser, and
 * back: the patch that the page proposes goes into the folder, and the traffic obeys the folder.
 */
describe("repairing the simulated cluster with what the page proposes", () => {
  const policies = join(scratchDir("repair"), "policies");
  const data = join(scratchDir("repair"), "data");
  let browser: Browser;
  let simulator: Cli;
  let address = "127.0.0.1:0";
  let up: Cli | undefined;
  let url: string;
  let watched: Watched;
  let page: Page;
  let receiver: Server;
  const notices: Notice[] = [];

  beforeAll(async () => {
    receiver = createServer((request, response) => {
      const take = async (): Promise<void> => {
        notices.push((await json(request)) as Notice);
        response.end();
      };
      void take();
    });
    await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await up?.stop();
    await cleanUp();
    receiver.close();
    receiver.closeAllConnections();
  });

  async function simulate(incident: string): Promise<void> {
    await simulator?.stop();
    // Another seed, or its first flows would have the ids of flows that are stored.
    const traffic = `--incidents ${incident} --rate 10 --seed ${incident}`.split(" ");
    const where = ["--listen", address, "--policies", policies];
    simulator = startCli(["simulate", "--watch", ...where, ...traffic]);
    address = (await simulator.says(/listens on (\S+)/))[1]!;
    if (up !== undefined) return;
    const hook = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
    const store = ["--data", data, "--port", "0", "--engine-memory", "1GiB"];
    const sources = ["--relay", address, "--policies", policies];
    up = startCli(["up", ...sources, ...store, "--resolved-after", `${RESOLVED_AFTER_S}s`], {
      env: { DROPSCOPE_NOTIFY_WEBHOOK: hook },
    });
    url = await dashboardUrl(up);
    watched = await openPage(browser, url, {
      permissions: ["clipboard-read", "clipboard-write"],
    });
    page = watched.page;
  }

  /** Replaces a file as an editor does, and waits until the simulated data path has taken it. */
  async function write(file: string, text: string, says: RegExp): Promise<void> {
    const before = simulator.err().length;
    writeFileSync(join(policies, `.${file}.new`), text);
    renameSync(join(policies, `.${file}.new`), join(policies, file));
    await until(`the simulation takes ${file}`, () => says.test(simulator.err().slice(before)));
  }

  async function lastDrop(id: string): Promise<number> {
    const { body } = await getJson(`${url}/api/v1/problems`);
    const row = (body as { problems: ProblemRow[] }).problems.find((one) => one.id === id);
    return Date.parse(row?.lastSeen ?? "");
  }

  /** After an edit that does not help, packets are dropped as before. */
  async function expectDropsGoOn(id: string): Promise<void> {
    const at = Date.now();
    await expect.poll(() => lastDrop(id), PATIENT).toBeGreaterThan(at + WATCHED_MS);
  }

  async function forwarded(filter: string, since: number): Promise<number> {
    const query = new URLSearchParams({
      filter: `${filter} --verdict FORWARDED`,
      since: String(since),
    });
    const { body } = await getJson(`${url}/api/v1/flows?${query.toString()}`);
    return (body as { flows: FlowRow[] }).flows.length;
  }

  it.each(INCIDENTS)(
    "$name: one problem, the policy, its clause, a patch; only the patch ends the drops",
    async ({ name, row, file, policy, clause, todo, adds, wrong, filter }) => {
      await simulate(name);
      await page.goto(url);
      const rows = page.locator(".problem:not(.state-resolved)", {
        hasText: row,
        // While a policy changes, a packet or two may be judged by the version before: told apart.
        hasNotText: "the other side of that change",
      });
      await rows.first().waitFor(PATIENT);
      expect(await rows.count()).toBe(1);
      expect(await rows.first().textContent()).toContain(policy);

      await rows.first().locator(".problem-link").click();
      const yaml = page.getByRole("region", { name: `YAML of ${policy}` });
      await yaml.locator(".role-nearest").first().waitFor(PATIENT);
      expect((await yaml.locator(".role-nearest").allTextContents()).join("\n")).toMatch(clause);
      // Of a file only its name below the folder is told.
      const headline = (await page.locator("h1").textContent()) ?? "";
      expect(headline).toContain(`${file}:`);
      expect(headline).not.toContain(policies);
      const next = page.getByRole("region", { name: "What to do next" });
      await expect.poll(() => next.textContent(), PATIENT).toMatch(todo);
      const shown = await next.locator(".diff-added").allTextContents();
      for (const line of adds) expect(shown.join("\n")).toContain(line);
      await next.getByRole("button", { name: "Copy the patch" }).click();
      const patch = await page.evaluate(() => navigator.clipboard.readText());
      expect(patch).toContain(`+++ b/${file}`);
      const id = new URL(page.url()).searchParams.get("item")!;

      // An edit of another policy and a wrong one of this end nothing, not even both together.
      const own = readFileSync(join(policies, file), "utf8");
      const other = readFileSync(join(policies, "loki-ingress.yaml"), "utf8");
      expect(wrong(own)).not.toBe(own);
      await write("loki-ingress.yaml", other.replace("3100", "3101"), /obeys/);
      await write(file, wrong(own), /obeys/);
      await expectDropsGoOn(id);
      await write(file, own, /own again/);

      // The patch as it was copied from the page, applied as anybody would.
      const before = simulator.err().length;
      execFileSync("git", ["apply", "-"], { cwd: policies, input: patch });
      expect(readFileSync(join(policies, file), "utf8")).not.toBe(own);
      await until("the simulation takes the patch", () =>
        /obeys/.test(simulator.err().slice(before)),
      );
      const taken = Date.now();
      await expect
        .poll(() => next.textContent(), PATIENT)
        .toContain("The policies of now allow this traffic");
      // It ends because it passes, not because nobody tries any more.
      await expect.poll(() => forwarded(filter, taken), PATIENT).toBeGreaterThan(0);
      await page.locator(".problem-top .is-resolved").waitFor(PATIENT);
      expect(await lastDrop(id)).toBeLessThan(taken + LATE_MS);
      await page.goto(url);
      await page.locator("h1").first().waitFor();
      await expect.poll(() => rows.count(), PATIENT).toBe(0);
      const list = (await getJson(`${url}/api/v1/problems?state=resolved`)).body;
      expect((list as { problems: ProblemRow[] }).problems.map((one) => one.id)).toContain(id);
      // Whoever was woken hears of it, with policy and fix, and in the end that it is over.
      const told = () => notices.filter(({ problem }) => problem === id);
      const isOver = (): boolean => told().at(-1)?.event === "resolved";
      await until("the message that it is over", isOver, PATIENT.timeout);
      expect(told().filter(({ event }) => event === "opened")).toHaveLength(1);
      expect(told()[0]!.policies.map((one) => `${one.namespace}/${one.name}`)).toContain(policy);
      expect(told()[0]!.fix).toContain(policy);
    },
    900_000,
  );

  it("nothing went wrong in the browser meanwhile", async () => {
    expect(await watched.problems()).toEqual([]);
  });
});
