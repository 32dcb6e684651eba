import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchBrowser, openPage } from "../kit/browser.js";
import { contrasts } from "../kit/contrast.js";
import { startMockDashboard } from "../kit/mock-dashboard.js";

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

  it("the frame and its skeletons are there before any data, and the first paint is under a second", async () => {
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
    expect(paint).toBeLessThan(1000);
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
