import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { launchBrowser, openPage } from "../kit/browser.js";
import type { Watched } from "../kit/browser.js";
import { startMockDashboard } from "../kit/mock-dashboard.js";
import type { MockDashboard } from "../kit/mock-dashboard.js";

describe("the filter line", () => {
  let browser: Browser;
  let server: MockDashboard;
  let watched: Watched;

  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    server = await startMockDashboard({ seed: 11 });
    watched = await openPage(browser, server.url, { expected: /status of 400/ });
  });
  afterEach(async () => {
    expect(await watched.problems()).toEqual([]);
    await watched.context.close();
    await server.close();
  });

  async function open(path = "/?place=live"): Promise<void> {
    await watched.page.goto(server.url + path);
    await watched.page.locator(".grid-row").first().waitFor();
  }
  const verdicts = (): Promise<string[]> =>
    watched.page
      .locator(".grid-row .c-verdict")
      .allTextContents()
      .then((all) => [...new Set(all)]);

  it("hides nothing by default, then shows only what is asked, by key, chip and URL", async () => {
    await open();
    const { page } = watched;
    expect((await verdicts()).length).toBeGreaterThan(1);
    await page.keyboard.press("/");
    await page.keyboard.type("--verdict DROPPED");
    await page.keyboard.press("Enter");
    await expect.poll(verdicts).toEqual(["Dropped"]);
    expect(new URL(page.url()).searchParams.get("filter")).toBe("--verdict DROPPED");
    await page.getByRole("button", { name: "Remove --verdict DROPPED" }).click();
    await expect.poll(async () => (await verdicts()).length).toBeGreaterThan(1);
    expect(page.url()).not.toContain("filter");
    await page.goBack();
    await expect.poll(verdicts).toEqual(["Dropped"]);
    expect(await page.locator("#filter").inputValue()).toBe("--verdict DROPPED");
  });

  it("shows an error under the word that is wrong, and keeps the picture", async () => {
    await open();
    const { page } = watched;
    await page.locator("#filter").fill("--verdict DROPPED --to-port postgres");
    await page.keyboard.press("Enter");
    const error = page.getByRole("alert");
    await error.waitFor();
    expect(await error.textContent()).toContain('"postgres" is not a port.');
    expect(await error.textContent()).toContain("Give a number from 1 to 65535.");
    expect(await page.locator(".filter-ghost mark").textContent()).toBe("postgres");
    expect(await page.locator("#filter").getAttribute("aria-invalid")).toBe("true");
    expect(await page.locator(".grid-row").count()).toBeGreaterThan(5);
    // The wavy line stands where the word stands, and the message begins below it.
    const word = await page.locator(".filter-ghost mark").boundingBox();
    const text = await error.locator("b").boundingBox();
    expect(Math.abs((word?.x ?? 0) - (text?.x ?? 999))).toBeLessThan(12);
    await page.locator("#filter").fill("--verdict DROPPED --to-port 5432");
    await page.keyboard.press("Enter");
    await expect.poll(() => error.count()).toBe(0);
  });

  it("a link with a filter that is wrong shows everything and says so", async () => {
    await open("/?place=live&filter=--no-such-flag+x");
    const error = watched.page.getByRole("alert");
    expect(await error.textContent()).toContain("There is no flag --no-such-flag.");
    expect(await error.textContent()).toContain("Showing all flows until then.");
  });

  it("completes flags and values with the keyboard alone", async () => {
    await open();
    const { page } = watched;
    await page.keyboard.press("/");
    await page.getByRole("option").first().waitFor();
    await page.keyboard.type("verd");
    await page.keyboard.press("Tab");
    expect(await page.locator("#filter").inputValue()).toBe("--verdict ");
    await page.getByRole("option", { name: "AUDIT" }).waitFor();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
    expect(await page.getByRole("option", { selected: true }).textContent()).toBe("DROPPED");
    await page.keyboard.press("Enter");
    expect(await page.locator("#filter").inputValue()).toBe("--verdict DROPPED ");
    await page.keyboard.press("Escape");
    await page.keyboard.press("Enter");
    await expect.poll(verdicts).toEqual(["Dropped"]);
  });

  it("offers names from the store", async () => {
    await open();
    const { page } = watched;
    await page.locator("#filter").fill("--namespace pay");
    await page.getByRole("option", { name: "payments" }).click();
    await page.keyboard.press("Enter");
    await expect
      .poll(() => new URL(page.url()).searchParams.get("filter"))
      .toBe("--namespace payments");
  });

  it("Escape gives up what was typed", async () => {
    await open();
    const { page } = watched;
    await page.keyboard.press("/");
    await page.keyboard.type("--verd");
    await page.keyboard.press("Escape");
    await page.keyboard.press("Escape");
    expect(await page.locator("#filter").inputValue()).toBe("");
    expect(await page.evaluate(() => document.activeElement?.id)).not.toBe("filter");
  });

  it("chips turn round, are edited as text and go by key; line, chips and URL are one", async () => {
    await open("/?place=live&filter=--verdict+DROPPED+--not+--to-port+53+-n+web");
    const { page } = watched;
    const chips = (): Promise<string[]> => page.locator(".chip").allInnerTexts();
    const line = (): Promise<string> => page.locator("#filter").inputValue();
    const inUrl = (): string => new URL(page.url()).searchParams.get("filter") ?? "";
    await expect
      .poll(async () => (await chips()).map((text) => text.replaceAll(/\s+/g, " ").trim()))
      .toEqual(["is verdict DROPPED", "not to-port 53", "is namespace web"]);
    // What is left out looks so, and a screen reader is told.
    expect(await page.locator(".chip.not").count()).toBe(1);
    const turn = page.getByRole("button", { name: "Leave out --verdict DROPPED" });
    expect(await turn.getAttribute("aria-pressed")).toBe("false");
    await turn.click();
    await expect.poll(line).toBe("--not --verdict DROPPED --not --to-port 53 -n web");
    expect(inUrl()).toBe("--not --verdict DROPPED --not --to-port 53 -n web");
    expect(await turn.getAttribute("aria-pressed")).toBe("true");
    await page.getByRole("button", { name: "Leave out --to-port 53" }).click();
    await expect.poll(line).toBe("--not --verdict DROPPED --to-port 53 -n web");
    // Editing a chip is editing the line: its value is selected, and what is typed replaces it.
    await page.getByRole("button", { name: "Edit --to-port 53" }).click();
    await page.keyboard.type("8080");
    await page.keyboard.press("Enter");
    await expect.poll(inUrl).toBe("--not --verdict DROPPED --to-port 8080 -n web");
    // With the keyboard alone, one after the other.
    await page.getByRole("button", { name: "Edit --not --verdict DROPPED" }).focus();
    await page.keyboard.press("Delete");
    await expect.poll(line).toBe("--to-port 8080 -n web");
    expect(await page.evaluate(() => document.activeElement?.getAttribute("aria-label"))).toBe(
      "Edit --to-port 8080",
    );
    await page.keyboard.press("Delete");
    await page.keyboard.press("Backspace");
    await expect.poll(line).toBe("");
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("filter");
    await page.goBack();
    await expect.poll(line).toBe("-n web");
  });

  it("namespaces, verdicts and denied edges write the same line", async () => {
    await open();
    const { page } = watched;
    await page.getByRole("button", { name: "Namespaces" }).click();
    await page.getByRole("checkbox", { name: "payments" }).check();
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: /^Dropped/ }).click();
    expect(await page.locator("#filter").inputValue()).toBe(
      "--namespace payments --verdict DROPPED",
    );
    await page
      .getByRole("button", { name: /Show only web\/frontend → payments\/payments-api/ })
      .click();
    expect(await page.locator("#filter").inputValue()).toContain(
      "--from-pod web/frontend --to-pod payments/payments-api",
    );
  });
});
