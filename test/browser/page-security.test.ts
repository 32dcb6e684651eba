import { readdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { fileURLToPath } from "node:url";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchBrowser, openPage } from "../kit/browser.js";
import { startMockDashboard } from "../kit/mock-dashboard.js";

describe("S7, S8: the page runs nothing but its own files", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());

  it("S7: every panel under the strict policy: no violation, no request to another host", async () => {
    const server = await startMockDashboard({ auto: true, seed: 2 });
    const { page, problems, context } = await openPage(browser, server.url);
    await page.goto(`${server.url}/?place=live`);
    await page.locator(".grid-row").first().waitFor();
    await page.locator("button.cover").click();
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Namespaces" }).click();
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "View settings" }).click();
    for (const theme of ["Dark", "Light", "System"])
      await page.getByText(theme, { exact: true }).click();
    await page.keyboard.press("Escape");
    await page.locator(".chart").hover();
    await page.locator(".legend-item").first().click();
    await page.keyboard.press("/");
    await page.keyboard.type("--verdict DROPPED");
    await page.keyboard.press("Enter");
    await page.locator(".grid-row").first().click();
    await page.locator(".drawer h3").first().waitFor();
    await page.getByText("Raw JSON").click();
    await page.getByRole("button", { name: "6 h" }).click();
    await page.locator("h1", { hasText: "6 hours" }).waitFor();
    await page.getByRole("button", { name: "Custom time range" }).click();
    await page.keyboard.press("Escape");
    await page.goto(`${server.url}/?place=help&code=PAGE_FAILED`);
    await page.getByRole("heading", { name: "Help" }).waitFor();
    expect(await problems()).toEqual([]);
    await context.close();
    await server.close();
  });

  it("S7: the watch would have noticed (negative control)", async () => {
    const server = await startMockDashboard({ seed: 2 });
    const { page, problems, context } = await openPage(browser, server.url);
    await page.goto(`${server.url}/?place=live`);
    await page.evaluate(() => {
      const style = document.createElement("style");
      style.textContent = "p{}";
      document.head.append(style);
      const image = document.createElement("img");
      image.src = "http://other.example/x.png";
      document.body.append(image);
    });
    await expect.poll(async () => (await problems()).join("\n")).toMatch(/CSP style-src/);
    expect((await problems()).join("\n")).toMatch(/CSP img-src/);
    await context.close();
    await server.close();
  });

  it("the bundle is under 250 kB gzipped (the editor, which only who edits loads, is beside it), makes no code from strings and loads nothing from elsewhere", () => {
    const assets = fileURLToPath(new URL("../../packages/web/dist/assets/", import.meta.url));
    const names = readdirSync(assets);
    const files = names.map((name) => readFileSync(assets + name));
    const size = (isEditor: boolean): number =>
      files
        .filter((_, index) => names[index]?.startsWith("editor-view-") === isEditor)
        .reduce((sum, file) => sum + gzipSync(file).length, 0);
    expect(size(false)).toBeLessThan(250_000);
    expect(size(true)).toBeGreaterThan(0);
    expect(size(true)).toBeLessThan(130_000);
    const bad = files.filter((file) =>
      /\beval\(|new Function\(|@import|url\(["']?https?:|import\(["'`]https?:/.test(
        file.toString("utf8"),
      ),
    );
    expect(bad).toHaveLength(0);
  });

  it("S8: no source of the page writes HTML from text", () => {
    const source = fileURLToPath(new URL("../../packages/web/src/", import.meta.url));
    const bad = readdirSync(source, { recursive: true, encoding: "utf8" })
      .filter((name) => /\.tsx?$/.test(name) && !name.includes(".test."))
      .filter((name) =>
        /innerHTML|outerHTML|dangerouslySet|insertAdjacentHTML|document\.write|DOMParser/.test(
          readFileSync(source + name, "utf8"),
        ),
      );
    expect(bad).toEqual([]);
  });
});
