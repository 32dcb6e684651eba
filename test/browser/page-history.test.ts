import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { launchBrowser, openPage } from "../kit/browser.js";
import type { Watched } from "../kit/browser.js";
import { startMockDashboard } from "../kit/mock-dashboard.js";
import type { MockDashboard } from "../kit/mock-dashboard.js";

describe("a past range", () => {
  let browser: Browser;
  let server: MockDashboard;
  let watched: Watched;

  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    server = await startMockDashboard({ seed: 5 });
    watched = await openPage(browser, server.url, {
      expected: /status of (422|503)/,
      permissions: ["clipboard-read", "clipboard-write"],
    });
  });
  afterEach(async () => {
    expect(await watched.problems()).toEqual([]);
    await watched.context.close();
    await server.close();
  });

  const asked = (path: string): URL[] =>
    server.asked.filter((url) => url.pathname === `/api/v1/${path}`);

  it("is one click away and one link", async () => {
    const { page } = watched;
    await page.goto(`${server.url}/?place=live`);
    await page.getByRole("button", { name: "6 h" }).click();
    await page.locator("h1", { hasText: /in the 6 hours before/ }).waitFor();
    const query = asked("overview")[0]?.searchParams;
    expect(Number(query?.get("to")) - Number(query?.get("from"))).toBe(21_600_000);
    expect(new URL(page.url()).search).toBe("?place=live&range=6h");
    await page.keyboard.press("l");
    await page.locator("h1", { hasText: "in the last 15 minutes" }).waitFor();
    expect(new URL(page.url()).search).toBe("?place=live");
  });

  it("its flows are one click away as a file: all of the range and the filter", async () => {
    const { page } = watched;
    await page.goto(
      `${server.url}/?place=live&from=2025-11-22T13:00:00Z&to=2025-11-22T14:00:00Z&filter=--protocol+tcp`,
    );
    const link = page.getByRole("link", { name: "Save the flows of this range as CSV" });
    await link.waitFor();
    const url = new URL((await link.getAttribute("href")) ?? "", server.url);
    expect(url.pathname).toBe("/api/v1/flows/export");
    expect(Object.fromEntries(url.searchParams)).toEqual({
      from: String(Date.parse("2025-11-22T13:00:00Z")),
      to: String(Date.parse("2025-11-22T14:00:00Z")),
      filter: "--protocol tcp",
      format: "csv",
    });
    await page.keyboard.press("l");
    await link.waitFor({ state: "detached" });
  });

  it("the URL holds the whole view: range, filter, open flow and hidden reasons come back", async () => {
    const { page } = watched;
    await page.goto(
      `${server.url}/?place=live&from=2025-11-22T13:00:00Z&to=2025-11-22T14:00:00Z&filter=--protocol+tcp&hide=POLICY_DENY`,
    );
    await page.locator(".grid-row").first().waitFor();
    await page.locator(".grid-row").nth(2).click();
    await page.locator(".drawer h3").first().waitFor();
    const link = page.url();
    expect(link).toContain("flow=");
    await page.goto("about:blank");
    await page.goto(link);
    await page.locator(".drawer h3").first().waitFor();
    expect(await page.locator("#filter").inputValue()).toBe("--protocol tcp");
    expect(
      await page
        .getByRole("button", { name: /^Policy denied by denylist/ })
        .getAttribute("aria-pressed"),
    ).toBe("false");
    expect(
      await page.getByRole("button", { name: "Custom time range" }).getAttribute("class"),
    ).toContain("on");
    const last = asked("overview").at(-1)?.searchParams;
    expect([last?.get("from"), last?.get("to")]).toEqual([
      String(Date.UTC(2025, 10, 22, 13)),
      String(Date.UTC(2025, 10, 22, 14)),
    ]);
  });

  it("a copied link has its time fixed", async () => {
    const { page } = watched;
    await page.goto(`${server.url}/?place=live&range=1h`);
    await page.locator(".grid-row").first().waitFor();
    await page.keyboard.press("c");
    await page.getByText("Link copied").waitFor();
    const link = new URL(await page.evaluate(() => navigator.clipboard.readText()));
    const size =
      Date.parse(link.searchParams.get("to") ?? "") -
      Date.parse(link.searchParams.get("from") ?? "");
    expect(size).toBe(3_600_000);
  });

  it("dragging over the chart selects its range, from live too", async () => {
    const { page } = watched;
    await page.goto(`${server.url}/?place=live`);
    await page.locator(".chart canvas").waitFor();
    await page.waitForTimeout(600);
    const box = await page.locator(".chart").boundingBox();
    if (!box) throw new Error("no chart");
    await page.mouse.move(box.x + box.width * 0.3, box.y + 80);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.6, box.y + 80, { steps: 5 });
    await page.mouse.up();
    await page.locator("h1", { hasText: "between" }).waitFor();
    const { searchParams } = new URL(page.url());
    const size =
      Date.parse(searchParams.get("to") ?? "") - Date.parse(searchParams.get("from") ?? "");
    expect(size).toBeGreaterThan(200_000);
    expect(size).toBeLessThan(340_000);
  });

  it("the keyboard reads the chart and selects a range", async () => {
    const { page } = watched;
    await page.goto(`${server.url}/?place=live`);
    await page.waitForTimeout(600);
    await page.locator(".chart").focus();
    await page.keyboard.press("ArrowLeft");
    await page.locator(".readout").waitFor();
    for (let step = 0; step < 5; step++) await page.keyboard.press("Shift+ArrowLeft");
    await page.keyboard.press("Enter");
    await page.locator("h1", { hasText: "between" }).waitFor();
  });

  it("saves the chart as a picture", async () => {
    const { page } = watched;
    await page.goto(`${server.url}/?place=live&range=1h`);
    const [saved] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Save the chart as PNG" }).click(),
    ]);
    expect(saved.suggestedFilename()).toMatch(/^drops-[\dTZ.-]+\.png$/);
  });

  it("asks for more rows when the reader comes near the end, up to the last", async () => {
    server.state.historyRows = 520;
    const { page } = watched;
    await page.goto(`${server.url}/?place=live&range=1h`);
    await page.locator(".grid-row").first().waitFor();
    for (let step = 0; step < 12; step++) {
      await page.locator(".grid-body").evaluate((body) => body.scrollTo(0, body.scrollHeight));
      await page.waitForTimeout(80);
    }
    await expect.poll(() => page.locator(".flows .panel-note").textContent()).toContain("all 520");
    expect(asked("flows")).toHaveLength(3);
    expect(await page.locator(".grid-row").count()).toBeLessThan(60);
  });

  it("custom times are asked in the zone that is shown, and a wrong one is refused", async () => {
    const { page } = watched;
    await page.goto(`${server.url}/?place=live`);
    await page.getByRole("button", { name: "View settings" }).click();
    await page.getByText("UTC", { exact: true }).click();
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Custom time range" }).click();
    await page.getByLabel("From").fill("2025-11-22T15:00:00");
    await page.getByLabel("To", { exact: true }).fill("2025-11-22T14:00:00");
    await page.getByRole("button", { name: "Show", exact: true }).click();
    await page.getByText("The start must lie before the end.").waitFor();
    await page.getByLabel("From").fill("2025-11-22T13:00:00");
    await page.getByRole("button", { name: "Show", exact: true }).click();
    await page.locator("h1", { hasText: "between 2025-11-22 13:00:00 and 14:00:00" }).waitFor();
    expect(page.url()).toContain(encodeURIComponent("2025-11-22T13:00:00Z"));
  });

  it("a question that fails says what, why, what next, with a code that leads to its page", async () => {
    server.state.restError = {
      code: "PAGE_NO_ANSWER",
      message: "This range is too wide.",
      next: "Take a shorter one.",
    };
    const { page } = watched;
    await page.goto(`${server.url}/?place=live&range=24h`);
    const box = page.getByRole("alert");
    await box.waitFor();
    expect(await box.textContent()).toContain("This range is too wide.Take a shorter one.");
    await box.getByRole("link", { name: "PAGE_NO_ANSWER" }).click();
    await page.getByRole("heading", { name: "Help" }).waitFor();
    expect(await page.locator(".one-error").textContent()).toContain("got no answer");
    await page.goBack();
    server.state.restError = undefined;
    await page.getByRole("button", { name: "Try again" }).first().click();
    await page.locator(".grid-row").first().waitFor();
  });
});
