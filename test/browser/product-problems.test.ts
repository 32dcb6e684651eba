import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchBrowser, openPage } from "../kit/browser.js";
import type { Watched } from "../kit/browser.js";
import { cleanUp, dashboardUrl, scratchDir, startCli } from "../kit/run-cli.js";
import type { Cli } from "../kit/run-cli.js";

/** One page over one running product with a simulated cluster: from the first drop to its patch. */
describe("problems of the simulated cluster, from the drop to the page", () => {
  const data = join(scratchDir("problems"), "data");
  const patient = { timeout: 60_000 };
  let browser: Browser;
  let up: Cli;
  let url: string;
  let watched: Watched;
  let page: Page;

  beforeAll(async () => {
    up = startCli(["up", "--port", "0", "--data", data, "--engine-memory", "1GiB"]);
    [browser, url] = await Promise.all([launchBrowser(), dashboardUrl(up)]);
    watched = await openPage(browser, url, {
      expected: /WebSocket connection|ERR_CONNECTION/,
      permissions: ["clipboard-read", "clipboard-write"],
    });
    page = watched.page;
  });
  afterAll(async () => {
    await browser?.close();
    await up?.stop();
    await cleanUp();
  });

  const dns = () => page.locator(".problem", { hasText: "web/checkout → kube-system/coredns" });

  it("an egress policy without DNS is one problem, with its policy, within seconds", async () => {
    await page.goto(url);
    await dns().first().waitFor(patient);
    expect(await dns().first().textContent()).toContain("web/checkout-egress");
    await expect.poll(() => page.title()).toMatch(/^\d+ new problems? · dropscope$/);
    // Thousands of packets are one row, whose numbers go on by themselves.
    const drops = (): Promise<string | null> =>
      dns().first().locator("td[data-label=Drops]").textContent();
    const before = await drops();
    await expect.poll(drops, patient).not.toBe(before);
  });

  it("its page shows the policy of that time with the clause, and a patch for DNS", async () => {
    await dns().first().locator(".problem-link").click();
    await page.locator(".story canvas").waitFor(patient);
    expect(await page.locator("h1").textContent()).toContain("checkout-egress");
    const policy = page.getByRole("region", { name: "YAML of web/checkout-egress" });
    await expect.poll(() => policy.locator(".role-isolates").count(), patient).toBeGreaterThan(0);
    const todo = page.getByRole("region", { name: "What to do next" });
    await expect.poll(() => todo.textContent(), patient).toMatch(/UDP and TCP 53 to pods with/);
    expect(await todo.locator(".diff-added").allTextContents()).toEqual(
      expect.arrayContaining([expect.stringContaining("k8s-app: kube-dns")]),
    );
    expect(await page.locator(".sample-table tbody tr").count()).toBeGreaterThan(0);
  });

  it("a sample flow says in the drawer why it was dropped", async () => {
    await page.locator(".sample-table .row-link").first().click();
    const drawer = page.locator(".drawer");
    await drawer.getByText("In one sentence").waitFor(patient);
    expect(await drawer.textContent()).toContain("checkout-egress");
    await page.keyboard.press("Escape");
    await drawer.waitFor({ state: "detached" });
  });

  it("from the traffic of a namespace to policies, tried out and edited, to their file", async () => {
    const problem = page.url();
    const headline = page.locator("h1");
    await page.goto(`${url}/?place=tuning`);
    await page.getByRole("link", { name: /^payments/ }).click();
    await page.locator(".cm-content").waitFor(patient);
    await expect.poll(() => headline.textContent(), patient).toMatch(/would be denied/);
    const replay = page.getByRole("region", { name: "Replay" });
    const before = await replay.locator(".replay-row.newly-denied").allTextContents();
    const legit = /payments\/payments-api.*payments\/fraud/;
    expect(before.join("\n")).not.toMatch(legit);
    const rests = page.getByRole("region", { name: "What the rules rest on" });
    expect(await rests.locator("tbody tr").count()).toBeGreaterThan(3);

    const isolate = [
      "apiVersion: networking.k8s.io/v1",
      "kind: NetworkPolicy",
      "metadata:",
      "  name: nothing-leaves",
      "  namespace: payments",
      "spec:",
      "  podSelector: {}",
      "  policyTypes: [Egress]",
      "",
    ].join("\n");
    await page.locator(".cm-content").click();
    await page.keyboard.press("Control+a");
    await page.evaluate((text) => navigator.clipboard.writeText(text), isolate);
    await page.keyboard.press("Control+v");
    await expect
      .poll(() => headline.textContent(), patient)
      .toMatch(/\d+ connections? would be denied/);
    await expect
      .poll(() => replay.locator(".replay-row.newly-denied").allTextContents())
      .toEqual(expect.arrayContaining([expect.stringMatching(/payments\/fraud.*egress/)]));
    // A level line has no height.
    await page.locator(".map-edge.newly-denied").first().waitFor({ state: "attached" });
    const saved = page.waitForEvent("download");
    await page.getByRole("button", { name: "Download" }).click();
    const download = await saved;
    expect(download.suggestedFilename()).toBe("nothing-leaves.yaml");
    expect(await readFile(await download.path(), "utf8")).toBe(isolate);

    await page.getByRole("button", { name: "Back to the proposal" }).click();
    await expect.poll(() => replay.locator(".newly-denied").count()).toBe(before.length);
    await page.goto(problem);
  });

  it("a reload shows the same, and so does the page after a restart", async () => {
    const h1 = (): Promise<string | null> => page.locator("h1").textContent();
    const id = new URL(page.url()).searchParams.get("item");
    await page.reload();
    await expect.poll(h1, patient).toContain("checkout-egress");
    const port = new URL(url).port;
    await up.stop();
    up = startCli(["up", "--port", port, "--data", data, "--engine-memory", "1GiB"]);
    await dashboardUrl(up);
    await page.goto(`${url}/?item=${id}`);
    await expect.poll(h1, patient).toContain("checkout-egress");
    expect(await watched.problems()).toEqual([]);
  });
});
