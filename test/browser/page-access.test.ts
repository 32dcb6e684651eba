import type { Browser, BrowserContextOptions } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { launchBrowser, openPage } from "../kit/browser.js";
import type { Watched } from "../kit/browser.js";
import { startMockDashboard } from "../kit/mock-dashboard.js";
import type { MockDashboard } from "../kit/mock-dashboard.js";

describe("the page for people who do not see it, or not as we do", () => {
  let browser: Browser;
  let server: MockDashboard;
  let watched: Watched;

  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());
  afterEach(async () => {
    expect(await watched.problems()).toEqual([]);
    await watched.context.close();
    await server.close();
  });

  async function open(options: BrowserContextOptions = {}): Promise<void> {
    server = await startMockDashboard({ auto: true, seed: 4, flowsPerSecond: 400 });
    watched = await openPage(browser, server.url, { ...options, expected: /WebSocket|ERR_CONN/ });
    await watched.page.goto(`${server.url}/?place=live`);
    await watched.page.locator(".grid-row").first().waitFor();
  }

  /** What live regions said in the time of `act`. */
  async function heard(act: () => Promise<unknown>): Promise<string[]> {
    const { page } = watched;
    await page.evaluate(() => {
      const said: string[] = [];
      Object.assign(globalThis, { __said: said });
      const regions = (): NodeListOf<Element> =>
        document.querySelectorAll("[role=status], [role=alert], [aria-live=polite]");
      const before = new WeakMap<Element, string>();
      for (const each of regions()) before.set(each, each.textContent ?? "");
      new MutationObserver(() => {
        for (const each of regions()) {
          const text = each.textContent ?? "";
          if (text !== "" && text !== before.get(each)) said.push(text);
          before.set(each, text);
        }
      }).observe(document.body, { subtree: true, childList: true, characterData: true });
    });
    await act();
    return page.evaluate(() => (globalThis as unknown as { __said: string[] }).__said);
  }

  it("has one main, one banner, one navigation and one h1, and no control without a name", async () => {
    await open();
    const { page } = watched;
    for (const role of ["main", "banner", "navigation"] as const)
      expect(await page.getByRole(role).count(), role).toBe(1);
    expect(await page.getByRole("heading", { level: 1 }).count()).toBe(1);
    const nameless = await page.evaluate(() =>
      [...document.querySelectorAll("button, a, input, [tabindex='0']")]
        .filter((each) => {
          const input = each instanceof HTMLInputElement ? (each.labels?.length ?? 0) : 0;
          const name = each.getAttribute("aria-label") ?? each.textContent ?? "";
          return name.trim() === "" && input === 0 && !each.hasAttribute("aria-labelledby");
        })
        .map((each) => each.outerHTML.slice(0, 120)),
    );
    expect(nameless).toEqual([]);
  });

  it("hundreds of flows a second are not read aloud; a lost connection is, once, without its countdown", async () => {
    await open();
    const { page } = watched;
    expect(await heard(() => page.waitForTimeout(2500))).toEqual([]);
    const said = await heard(async () => {
      server.cut();
      await page.getByText(/Not connected since/).waitFor();
      await page.waitForTimeout(2500);
    });
    expect(said.filter((text) => text.includes("Not connected"))).toHaveLength(1);
    expect(said.join("\n")).not.toContain("Next try");
  });

  it("gives the focus back when the drawer closes, also where no list is left", async () => {
    await open();
    const { page } = watched;
    await page.keyboard.press("j");
    await page.keyboard.press("Enter");
    await page.locator(".drawer h3").first().waitFor();
    await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe("drawer-title");
    await page.locator(".drawer").getByRole("button", { name: "Close (Esc)" }).click();
    expect(await page.evaluate(() => document.activeElement?.className)).toContain("grid-body");
    await page.keyboard.press("Escape");
    const uuid = server.row(Date.now(), true).uuid;
    await page.goto(`${server.url}/?place=live&flow=${uuid}&filter=--to-port+1`);
    await page.locator(".drawer h3").first().waitFor();
    await expect.poll(() => page.locator(".grid-row").count()).toBe(0);
    await page.keyboard.press("Escape");
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("main");
  });

  it("moves nothing for people who asked for that", async () => {
    await open({ reducedMotion: "reduce" });
    const { page } = watched;
    server.state.delayMs = 1500;
    await page.keyboard.press("j");
    await page.keyboard.press("Enter");
    await page.locator(".sk").first().waitFor();
    expect(await page.evaluate(() => document.getAnimations().length)).toBe(0);
  });
});
