import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchBrowser, openPage } from "../kit/browser.js";
import type { Watched } from "../kit/browser.js";
import { cleanUp, dashboardUrl, scratchDir, startCli } from "../kit/run-cli.js";
import type { Cli } from "../kit/run-cli.js";

/** While the server restarts sockets are refused, and a bad filter is answered with 400. */
const EXPECTED = /WebSocket connection|ERR_CONNECTION|status of 400/;

/** One page over one running product, from the first drop to a restart: steps in order, as a person would take them. */
describe("the whole product in a browser: simulated cluster, store, dashboard, page", () => {
  const data = join(scratchDir("product"), "data");
  let browser: Browser;
  let up: Cli;
  let url: string;
  let watched: Watched;
  let page: Page;

  beforeAll(async () => {
    up = startCli(["up", "--port", "0", "--data", data, "--engine-memory", "1GiB"]);
    [browser, url] = await Promise.all([launchBrowser(), dashboardUrl(up)]);
    watched = await openPage(browser, url, { expected: EXPECTED });
    page = watched.page;
  });
  afterAll(async () => {
    await browser?.close();
    await up?.stop();
    await cleanUp();
  });

  const dropCount = async (): Promise<number> => {
    const text = (await page.locator("h1").textContent()) ?? "";
    return Number(/([\d,]+) (?:matching )?drops?/.exec(text)?.[1]?.replaceAll(",", "") ?? 0);
  };
  const listed = (): Promise<number> => page.locator(".grid-row").count();
  const patient = { timeout: 30_000 };

  it("names a drop in the headline, and counts on while nobody touches it", async () => {
    await page.goto(`${url}/?place=live`);
    await expect.poll(dropCount, patient).toBeGreaterThan(0);
    const before = await dropCount();
    await expect.poll(dropCount, patient).toBeGreaterThan(before);
    await expect
      .poll(() => page.locator("h1").textContent(), patient)
      .toMatch(/(all|mostly) .+; newest .+: \S+ → \S+/);
    await expect.poll(listed).toBeGreaterThan(5);
    await expect.poll(() => page.title()).toMatch(/^[\d,]+ (drops?|new problems?) · dropscope$/);
    // Drops of this minute have a rate in this minute.
    await expect
      .poll(() => page.locator(".edge-table td[data-label=Rate]").allTextContents(), patient)
      .toEqual(expect.arrayContaining([expect.stringMatching(/^[\d.<]*[1-9][\d.]*\/s$/)]));
  });

  it("a typed filter narrows the page, a wrong one is marked under its word and changes nothing", async () => {
    await expect
      .poll(async () => new Set(await page.locator(".c-verdict").allTextContents()).size, patient)
      .toBeGreaterThan(1);
    await page.keyboard.press("/");
    await page.keyboard.type("--verdict DROPPED --to-port 53");
    await page.keyboard.press("Enter");
    await expect.poll(() => page.locator(".chip").count()).toBe(2);
    await expect
      .poll(async () => [...new Set(await page.locator(".c-port").allTextContents())], patient)
      .toEqual([":53/UDP"]);
    expect(new Set(await page.locator(".c-verdict").allTextContents())).toEqual(
      new Set(["Dropped"]),
    );

    await page.locator("#filter").fill("--verdict DROPPED --to-port fifty");
    await page.keyboard.press("Enter");
    const error = page.getByRole("alert");
    await error.waitFor();
    expect(await page.locator(".filter-ghost mark").textContent()).toContain("fifty");
    expect(await error.textContent()).toContain("FILTER_INVALID");
    expect(await page.locator(".c-port").first().textContent()).toBe(":53/UDP");
  });

  it("an explicit deny is told in plain words, with the policy, on both events of the packet", async () => {
    await page.goto(
      `${url}/?place=live&filter=${encodeURIComponent("--drop-reason-desc POLICY_DENY")}`,
    );
    await page.locator(".grid-row", { hasText: "· verdict" }).first().waitFor(patient);
    await page.keyboard.press("p");
    const verdict = page.locator(".grid-row", { hasText: "· verdict" }).first();
    const drop = page.locator(".grid-row:not(:has-text('· verdict'))").first();
    for (const row of [verdict, drop]) {
      await row.click();
      const why = page.getByRole("region", { name: "Why" });
      await expect.poll(() => why.textContent()).toMatch(/Policy denied by denylist\. \S+ \S+/);
      await expect.poll(() => why.textContent()).toMatch(/Denied by.*web\/no-cloud-metadata/);
      expect(await why.textContent()).toContain("Next:");
      await page.keyboard.press("Escape");
      await page.locator(".drawer").waitFor({ state: "detached" });
    }
  });

  it("the past by URL: a range shows its flows, reloads to the same, and l goes back to live", async () => {
    // What happened a moment ago may still be on its way to the store; on a busy machine for seconds.
    const end = Date.now() - 15_000;
    const to = new Date(end).toISOString();
    const from = new Date(end - 600_000).toISOString();
    await page.goto(`${url}/?place=live&from=${from}&to=${to}`);
    await expect.poll(() => page.locator("h1").textContent(), patient).toMatch(/drops? between \d/);
    await expect.poll(listed, patient).toBeGreaterThan(5);
    const shown = async () => {
      await expect.poll(dropCount, patient).toBeGreaterThan(0);
      return [await dropCount(), await page.locator(".c-time").first().textContent()] as const;
    };
    let before = await shown();
    await expect
      .poll(async () => {
        const last = before;
        await page.reload();
        before = await shown();
        return last.join() === before.join();
      }, patient)
      .toBe(true);
    const [count] = before;
    // ms since 1970, as the line after an import prints it.
    await page.goto(`${url}/?place=live&from=${Date.parse(from)}&to=${Date.parse(to)}`);
    await expect.poll(dropCount, patient).toBe(count);
    await page.keyboard.press("l");
    await expect.poll(() => new URL(page.url()).search).toBe("?place=live");
    await expect
      .poll(() => page.locator("h1").textContent(), patient)
      .toContain("in the last 15 minutes");
  });

  it("when the server restarts the open page keeps its picture and comes back by itself", async () => {
    const port = new URL(url).port;
    await page.goto(`${url}/?place=live`);
    await expect.poll(listed, patient).toBeGreaterThan(5);
    await up.stop();
    await page.getByText(/Not connected since/).waitFor();
    expect(await listed()).toBeGreaterThan(5);
    up = startCli(["up", "--port", port, "--data", data, "--engine-memory", "1GiB"]);
    await dashboardUrl(up);
    await expect.poll(() => page.locator(".banner").count(), patient).toBe(0);
    const before = await dropCount();
    expect(before).toBeGreaterThan(0);
    await expect.poll(dropCount, patient).toBeGreaterThan(before);
    expect(await watched.problems()).toEqual([]);
  });
});
