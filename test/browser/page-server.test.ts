import { fileURLToPath } from "node:url";
import { coverageOf, dropAt, flowAt, serveDashboard } from "@dropscope/dashboard/testing";
import type { ServedDashboard } from "@dropscope/dashboard/testing";
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { launchBrowser, openPage } from "../kit/browser.js";
import type { Watched } from "../kit/browser.js";

const DIST = fileURLToPath(new URL("../../packages/web/dist/", import.meta.url));

/** The page and the real server on one contract; the store is in memory. */
describe("the page on the real dashboard server", () => {
  let browser: Browser;
  let served: ServedDashboard;
  let watched: Watched;

  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    served = await serveDashboard({ webDir: DIST });
    watched = await openPage(browser, served.url, {
      expected: /status of (400|404|503)|WebSocket/,
    });
  });
  afterEach(async () => {
    expect(await watched.problems()).toEqual([]);
    await watched.context.close();
    await served.close();
  });

  const now = (): number => Date.now();

  it("S7: shows what landed before and what lands now, under the server's own policy", async () => {
    const { page } = watched;
    served.reader.land([flowAt(now() - 4000), dropAt(now() - 3000)]);
    await page.goto(`${served.url}/?place=live`);
    await expect.poll(() => page.locator(".grid-row").count()).toBe(2);
    await expect
      .poll(() => page.locator("h1").textContent())
      .toContain("1 drop in the last 15 minutes");
    served.reader.land([dropAt(now()), dropAt(now())]);
    await expect
      .poll(() => page.locator("h1").textContent())
      .toContain("3 drops in the last 15 minutes");
    await expect.poll(() => page.locator(".grid-row").count()).toBe(4);
    await page.locator(".edge-table tbody tr").first().waitFor();
  });

  it("completes with the server's flags, filters live, and shows the server's error under the word", async () => {
    const { page } = watched;
    served.reader.land([flowAt(now() - 4000), dropAt(now() - 3000)]);
    await page.goto(`${served.url}/?place=live`);
    await expect.poll(() => page.locator(".grid-row").count()).toBe(2);
    await page.keyboard.press("/");
    await page.keyboard.type("--verd");
    await page.getByRole("option", { name: /--verdict/ }).waitFor();
    await page.keyboard.press("Tab");
    await page.keyboard.type("DROPPED");
    await page.keyboard.press("Escape");
    await page.keyboard.press("Enter");
    await expect.poll(() => page.locator(".grid-row").count()).toBe(1);
    await page.locator("#filter").fill("--verdict DROPPED --to-port many");
    await page.keyboard.press("Enter");
    const error = page.getByRole("alert");
    await error.waitFor();
    expect(await page.locator(".filter-ghost mark").textContent()).toContain("many");
    expect(await error.textContent()).toContain("Still showing --verdict DROPPED");
    expect(await error.textContent()).toContain("FILTER_INVALID");
  });

  it("every edge's filter is one that the server takes and that finds the edge again", async () => {
    const { page } = watched;
    served.reader.land([flowAt(now() - 4000), dropAt(now() - 3000)]);
    await page.goto(`${served.url}/?place=live`);
    await page.locator(".row-link").first().click();
    await expect
      .poll(() => new URL(page.url()).searchParams.get("filter"))
      .toContain("--verdict DROPPED");
    await expect.poll(() => page.locator(".grid-row").count()).toBe(1);
    expect(await page.getByRole("alert").count()).toBe(0);
  });

  it("opens a flow, and a past range, from the same URL language", async () => {
    const { page } = watched;
    served.reader.land([flowAt(now() - 4000), dropAt(now() - 3000)]);
    await page.goto(`${served.url}/?place=live&range=24h`);
    await expect.poll(() => page.locator(".grid-row").count()).toBe(2);
    await page.locator(".grid-row", { hasText: "Dropped" }).click();
    await page.getByRole("region", { name: "Why" }).waitFor();
    expect(await page.locator(".drawer").textContent()).toContain("Next:");
    await page.reload();
    await page.getByRole("region", { name: "Why" }).waitFor();
  });

  it("a store that goes away leaves the last picture and says how much waits; it goes on when it is back", async () => {
    const { page } = watched;
    served.reader.land([dropAt(now() - 3000)]);
    await page.goto(`${served.url}/?place=live`);
    await page.locator(".grid-row").waitFor();
    const healthy = coverageOf();
    served.setCoverage({
      ...healthy,
      store: { state: "down", message: "No answer.", waiting: 1204, quarantined: 0 },
    });
    served.reader.fault = Object.assign(new Error("refused"), { code: "ECONNREFUSED" });
    await expect
      .poll(() => page.locator(".banner").first().textContent(), { timeout: 10_000 })
      .toContain("1,204 flows wait safely on disk");
    expect(await page.locator(".grid-row").count()).toBe(1);
    served.setCoverage(healthy);
    served.reader.fault = undefined;
    served.reader.land([dropAt(now())]);
    await expect.poll(() => page.locator(".banner").count(), { timeout: 20_000 }).toBe(0);
    await expect.poll(() => page.locator(".grid-row").count()).toBe(2);
  });
});
