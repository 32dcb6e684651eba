import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchBrowser, openPage } from "../kit/browser.js";
import { contrasts } from "../kit/contrast.js";
import { startMockDashboard } from "../kit/mock-dashboard.js";
import { mockDns, mockDnsRates } from "../kit/mock-dns.js";
import { shopMap } from "../kit/mock-map.js";
import { mockPolicies, mockPolicy, mockProblemRow } from "../kit/mock-policies.js";

describe("how the page looks and loads", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());

  it.each(["light", "dark"] as const)(
    "every text has a contrast of 4.5 or more (%s)",
    async (colorScheme) => {
      const server = await startMockDashboard({ seed: 4 });
      const { page, context, problems } = await openPage(browser, server.url, {
        colorScheme,
        reducedMotion: "reduce",
      });
      for (const path of [
        "/?place=live&filter=--protocol+tcp",
        "/?place=live&range=1h",
        "/?place=live&at=2025-11-22T14:02:00Z",
        "/?place=help",
      ]) {
        await page.goto(server.url + path);
        await page
          .locator(path.includes("help") ? ".help" : ".grid-row")
          .first()
          .waitFor();
        if (!path.includes("help")) {
          await page.locator(".grid-row").first().click();
          await page.locator(".drawer h3").first().waitFor();
        }
        expect((await contrasts(page)).filter(({ ratio }) => ratio < 4.5)).toEqual([]);
      }
      expect(await problems()).toEqual([]);
      await context.close();
      await server.close();
    },
  );

  it.each(["light", "dark"] as const)(
    "so has every text of the map, DNS and the policies, opened and folded (%s)",
    async (colorScheme) => {
      const server = await startMockDashboard({ seed: 4 });
      const item = "CiliumNetworkPolicy/payments/payments-api";
      Object.assign(server.state.answers, {
        map: () => shopMap(),
        dns: () => mockDns(),
        "dns/rates": (asked: URL) => mockDnsRates(asked),
        policies: () => mockPolicies(),
        [`policies/${item}`]: () => mockPolicy(Date.now(), [mockProblemRow()]),
      });
      const { page, context } = await openPage(browser, server.url, {
        colorScheme,
        reducedMotion: "reduce",
      });
      const look = async (path: string, wait: string, then?: () => Promise<void>) => {
        await page.goto(server.url + path);
        await page.locator(wait).first().waitFor();
        await then?.();
        const all = await contrasts(page);
        expect(all.length).toBeGreaterThan(20);
        expect(all.filter(({ ratio }) => ratio < 4.5)).toEqual([]);
      };
      await look("/?place=map", ".map-label");
      await look("/?place=map", ".map-label", async () => {
        await page.locator(".map-node.hit").first().click();
        await page.locator(".map-panel h2").waitFor();
        await page.mouse.move(0, 0);
      });
      await look("/?place=dns", ".dns-entry", async () => {
        await page.locator(".dns-head").first().click();
      });
      await look("/?place=policies", ".policy-table tbody tr");
      await look(`/?place=policies&item=${encodeURIComponent(item)}`, ".code-box");
      await context.close();
      await server.close();
    },
  );

  it("at 390 px nothing is cut off sideways, the rail is a bottom bar and rows are cards", async () => {
    const server = await startMockDashboard({ seed: 4 });
    const { page, context } = await openPage(browser, server.url, {
      viewport: { width: 390, height: 844 },
      hasTouch: true,
      isMobile: true,
    });
    for (const path of [
      "/?place=live",
      "/?place=live&filter=--to-port+x",
      "/?place=live&range=6h",
      "/?place=help",
    ]) {
      await page.goto(server.url + path);
      await page.waitForTimeout(400);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
      expect(
        await page.locator(".main").evaluate((main) => main.scrollWidth <= main.clientWidth),
      ).toBe(true);
    }
    await page.goto(`${server.url}/?place=live`);
    await page.locator(".grid-row").first().waitFor();
    expect((await page.locator(".rail").boundingBox())?.y).toBeGreaterThan(750);
    expect((await page.locator(".grid-row").first().boundingBox())?.height).toBe(76);
    const small = await page
      .locator(".top button, .place")
      .evaluateAll(
        (all) =>
          all.filter(
            (each) =>
              each.checkVisibility() &&
              each.getBoundingClientRect().height < 32 &&
              !each.matches(".chip button, .ghost"),
          ).length,
      );
    expect(small).toBe(0);
    await context.close();
    await server.close();
  });

  it("the frame and its skeletons are painted before any data", async () => {
    const server = await startMockDashboard({ seed: 4 });
    server.state.delayMs = 3000;
    const { page, context } = await openPage(browser, server.url);
    await page.goto(`${server.url}/?place=live`);
    await page.locator(".sk").first().waitFor();
    expect(await page.locator("nav, main, header.top").count()).toBe(3);
    // In the document comes before on the screen: the entry is written a frame later.
    const paint = await page
      .waitForFunction(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime)
      .then((entry) => entry.jsonValue());
    expect(paint).toBeGreaterThan(0);
    expect(paint).toBeLessThan(server.state.delayMs);
    await page.locator(".grid-row").first().waitFor();
    await context.close();
    await server.close();
  });

  it("follows the system's theme until somebody chooses, and remembers the choice", async () => {
    const server = await startMockDashboard({ seed: 4 });
    const { page, context } = await openPage(browser, server.url, { colorScheme: "light" });
    await page.goto(`${server.url}/?place=live`);
    const dark = (): Promise<string | undefined> =>
      page.evaluate(() => document.documentElement.dataset["theme"]);
    expect(await dark()).toBe("light");
    await page.emulateMedia({ colorScheme: "dark" });
    await expect.poll(dark).toBe("dark");
    await page.getByRole("button", { name: "View settings" }).click();
    await page.getByText("Light", { exact: true }).click();
    await page.reload();
    expect(await dark()).toBe("light");
    await context.close();
    await server.close();
  });
});
