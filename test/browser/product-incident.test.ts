import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchBrowser, openPage, type Watched } from "../kit/browser.js";
import { ENGINE, exported, simulatedIncident } from "../kit/incident.js";
import { cleanUp, dashboardUrl, scratchDir, startCli, type Cli } from "../kit/run-cli.js";

/** An incident, exported on one machine and looked at on another that has nothing but the file. */
describe("an incident bundle in the browser", () => {
  const patient = { timeout: 60_000 };
  let browser: Browser;
  const running: Cli[] = [];
  let here: Watched;
  let there: Watched;
  let link: URL;
  let original: string;

  beforeAll(async () => {
    const incident = await simulatedIncident();
    const bundle = join(scratchDir("bundle"), "incident.zip");
    await exported(incident, bundle);
    const serve = startCli([
      "serve",
      "--data",
      incident.data,
      "--port",
      "0",
      "--cluster-name",
      "shop",
      ...ENGINE,
    ]);
    const open = startCli(["incident", "open", bundle, "--port", "0", ...ENGINE]);
    running.push(serve, open);
    browser = await launchBrowser();
    link = new URL(await dashboardUrl(open));
    original = await dashboardUrl(serve);
    [here, there] = await Promise.all([
      openPage(browser, original),
      openPage(browser, link.origin),
    ]);
    await begin();
  }, 180_000);
  afterAll(async () => {
    await browser?.close();
    await Promise.all(running.map((cli) => cli.stop()));
    await cleanUp();
  });

  /** Both at the list of problems of that time. */
  async function begin(): Promise<void> {
    await Promise.all([here.page.goto(`${original}/${link.search}`), there.page.goto(link.href)]);
  }

  /** The same on both pages, once each has come to rest; what it is. */
  async function alike(read: (page: Page) => Promise<unknown>): Promise<unknown> {
    // Both count seconds, not in the same moment: they are read until they agree, and the last two are told.
    let pair: [there: unknown, here: unknown] = [0, 1];
    await expect
      .poll(async () => {
        const original = await read(here.page);
        pair = [await read(there.page), original];
        return JSON.stringify(pair[0]) === JSON.stringify(pair[1]);
      }, patient)
      .toBe(true)
      .catch(() => undefined);
    expect(pair[0]).toEqual(pair[1]);
    return pair[1];
  }

  const dns = (page: Page) =>
    page.locator(".problem", { hasText: "web/checkout → kube-system/coredns" }).first();

  it("begins at the time of the incident, with the same problems", async () => {
    for (const { page } of [here, there]) await dns(page).waitFor(patient);
    const rows = await alike((page) => page.locator(".problem .problem-link").allTextContents());
    expect((rows as string[]).length).toBeGreaterThanOrEqual(2);
    const drops = await alike((page) =>
      page.locator(".problem td[data-label=Drops]").allTextContents(),
    );
    expect(drops).not.toContain("0");
  });

  it("shows the same explanation, timeline, policy with its clauses, and samples", async () => {
    await begin();
    for (const { page } of [here, there]) {
      await dns(page).locator(".problem-link").click();
      await page.locator(".story canvas").waitFor(patient);
      await page
        .getByRole("region", { name: "YAML of web/checkout-egress" })
        .locator(".role-isolates")
        .first()
        .waitFor(patient);
    }
    expect(await alike((page) => page.locator("h1").textContent())).toContain("checkout-egress");
    const yaml = await alike((page) =>
      page.getByRole("region", { name: "YAML of web/checkout-egress" }).textContent(),
    );
    expect(yaml).toContain("podSelector");
    const todo = await alike((page) =>
      page.getByRole("region", { name: "What to do next" }).textContent(),
    );
    expect(todo).toContain("53");
    const samples = await alike((page) => page.locator(".sample-table tbody tr").allTextContents());
    expect((samples as string[]).length).toBeGreaterThan(0);
    // The timelines are drawn of the same numbers; both pictures must have come to rest, and no bar under a pointer.
    for (const { page } of [here, there]) await page.mouse.move(0, 0);
    expect(await alike((page) => page.locator(".story").textContent())).toContain("per second");
    await alike((page) =>
      page
        .locator(".story canvas")
        .first()
        .evaluate(({ width, height }: HTMLCanvasElement) => [width, height]),
    );
    const drawn = (page: Page): Promise<string> =>
      page
        .locator(".story canvas")
        .first()
        .evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL());
    await expect
      .poll(async () => (await drawn(here.page)) === (await drawn(there.page)), patient)
      .toBe(true);
    expect((await drawn(there.page)).length).toBeGreaterThan(1_000);
  });

  it("says in the drawer of a sample why it was dropped", async () => {
    for (const { page } of [here, there]) {
      await page.locator(".sample-table .row-link").first().click();
      await page.locator(".drawer").getByText("In one sentence").waitFor(patient);
    }
    expect(await alike((page) => page.locator(".drawer").textContent())).toContain(
      "checkout-egress",
    );
  });

  it("breaks no rule of the page on the way", async () => {
    expect(await there.problems()).toEqual([]);
  });
});
