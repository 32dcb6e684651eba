import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { launchBrowser, openPage } from "../kit/browser.js";
import type { Watched } from "../kit/browser.js";
import { startMockDashboard } from "../kit/mock-dashboard.js";
import type { MockDashboard } from "../kit/mock-dashboard.js";
import { mockDns, mockDnsRates } from "../kit/mock-dns.js";

describe("the DNS page", () => {
  let browser: Browser;
  let server: MockDashboard;
  let watched: Watched;

  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    server = await startMockDashboard({ seed: 9 });
    server.state.answers["dns"] = () => mockDns();
    server.state.answers["dns/rates"] = (asked: URL) => mockDnsRates(asked);
    watched = await openPage(browser, server.url, { expected: /status of (404|503)/ });
  });
  afterEach(async () => {
    expect(await watched.problems()).toEqual([]);
    await watched.context.close();
    await server.close();
  });

  it("says for whom lookups go wrong, then by rule, worst first, with the wait and what next", async () => {
    const { page } = watched;
    await page.goto(`${server.url}/?place=dns`);
    await page
      .locator("h1", {
        hasText:
          "Name lookups go wrong for 3 workloads in the last 15 minutes; each waits up to 40 s",
      })
      .waitFor();
    expect(await page.locator(".dns-rule h2").allTextContents()).toEqual([
      "Default deny cuts off name lookups",
      "The DNS proxy refuses names",
      "Most questions are for names that do not exist",
    ]);
    const first = page.locator(".dns-entry").first();
    expect(await first.textContent()).toContain("Waits 5 to 40 s");
    expect(await first.textContent()).toContain("Next: Allow UDP and TCP 53");
  });

  it("opens a finding with the keys: policies, evidence and the drops behind it", async () => {
    const { page } = watched;
    await page.goto(`${server.url}/?place=dns`);
    await page.locator(".dns-head").first().waitFor();
    await page.keyboard.press("j");
    await page.keyboard.press("Enter");
    const facts = page.locator(".dns-facts");
    await facts.getByRole("link", { name: /web\/cart-egress-without-dns/ }).waitFor();
    expect(new URL(page.url()).searchParams.get("item")).toBe("D1-web-cart");
    expect(await facts.getByRole("link", { name: /^Flow \d$/ }).count()).toBe(2);
    await page.getByRole("link", { name: "The drops behind it" }).click();
    await expect.poll(() => new URL(page.url()).searchParams.get("item")).toBe("aaaaaaaaaaaaaa13");
  });

  it("draws answers by response code; the keys read a moment and select a range", async () => {
    const { page } = watched;
    await page.goto(`${server.url}/?place=dns`);
    await page.locator(".dns-rates canvas").waitFor();
    await page.waitForTimeout(500);
    expect(await page.locator(".dns-rates .legend-item").allTextContents()).toEqual([
      expect.stringContaining("NOERROR"),
      expect.stringContaining("NXDOMAIN"),
      expect.stringContaining("REFUSED"),
      expect.stringContaining("SERVFAIL"),
    ]);
    await page.locator(".dns-rates .chart").focus();
    await page.keyboard.press("ArrowLeft");
    expect(await page.locator(".readout").textContent()).toContain("REFUSED");
    await page.keyboard.press("Shift+ArrowLeft");
    await page.keyboard.press("Shift+ArrowLeft");
    await page.keyboard.press("Enter");
    await expect.poll(() => new URL(page.url()).searchParams.get("from")).not.toBeNull();
    const askedMs = (): number => {
      const last = server.asked.findLast(({ pathname }) => pathname.endsWith("/dns"));
      return Number(last?.searchParams.get("to")) - Number(last?.searchParams.get("from"));
    };
    await expect.poll(askedMs).toBe(3 * 60_000);
  });

  it("says why there are no lookups, and that nothing is wrong", async () => {
    server.state.answers["dns"] = () => ({ ...mockDns(), findings: [], counts: {} });
    server.state.answers["dns/rates"] = (asked: URL) => {
      const rates = mockDnsRates(asked);
      return { ...rates, asked: [], answers: { ...rates.answers, series: [] } };
    };
    const { page } = watched;
    await page.goto(`${server.url}/?place=dns`);
    await page
      .locator("h1", { hasText: "Nothing wrong with DNS in the last 15 minutes" })
      .waitFor();
    await page.getByText("No lookup was seen in this range.").waitFor();
    await page.getByRole("button", { name: "Look at the last 1 h" }).click();
    await expect.poll(() => new URL(page.url()).searchParams.get("range")).toBe("1h");
  });

  it("keeps what it showed when the store goes away", async () => {
    const { page } = watched;
    await page.goto(`${server.url}/?place=dns`);
    await page.locator(".dns-entry").first().waitFor();
    server.state.restError = {
      code: "STORE_DOWN",
      message: "The store cannot be reached.",
      next: "It is tried again by itself.",
    };
    await page.keyboard.press("r");
    await page.getByText("What is shown was asked at").waitFor();
    expect(await page.locator(".dns-entry").count()).toBe(4);
  });
});
