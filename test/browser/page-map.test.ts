import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { launchBrowser, openPage } from "../kit/browser.js";
import type { Watched } from "../kit/browser.js";
import { startMockDashboard } from "../kit/mock-dashboard.js";
import type { MockDashboard } from "../kit/mock-dashboard.js";
import { largeMap, shopMap } from "../kit/mock-map.js";

describe("the service map", () => {
  let browser: Browser;
  let server: MockDashboard;
  let watched: Watched;

  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    server = await startMockDashboard({ seed: 7 });
    server.state.answers["map"] = () => shopMap();
    watched = await openPage(browser, server.url, { expected: /status of (404|503)|WebSocket/ });
  });
  afterEach(async () => {
    expect(await watched.problems()).toEqual([]);
    await watched.context.close();
    await server.close();
  });

  it("shows who is denied, as a number on a dashed line and in the table", async () => {
    const { page } = watched;
    await page.goto(`${server.url}/?place=map`);
    await page.locator("h1", { hasText: "5 connections denied, 1,844 drops" }).waitFor();
    expect(await page.locator(".map-label").allTextContents()).toContain("1,204");
    expect(await page.locator(".map-svg .map-denied").count()).toBe(5);
    const first = page.locator(".map-table tbody tr").first();
    expect(await first.textContent()).toContain("web/cart→payments/payments-api");
    expect(await first.textContent()).toContain("1,204");
    expect(await page.locator(".map-table tbody tr").count()).toBe(23);
    const dash = await page
      .locator(".map-svg .map-denied")
      .first()
      .evaluate((path) => getComputedStyle(path).strokeDasharray);
    expect(dash).not.toBe("none");
  });

  it("a denied edge leads to its problem, from the picture and from the table", async () => {
    const { page } = watched;
    await page.goto(`${server.url}/?place=map`);
    await page.locator(".map-label", { hasText: "1,204" }).click();
    await expect.poll(() => new URL(page.url()).searchParams.get("item")).toBe("aaaaaaaaaaaaaaa5");
    await page.goBack();
    await page.getByRole("link", { name: /^Open the problem of web\/cart to kube-system/ }).click();
    await expect.poll(() => new URL(page.url()).searchParams.get("item")).toBe("aaaaaaaaaaaaaa13");
  });

  it("leaves out name lookups and nodes, and all but the denied; the address keeps it", async () => {
    const { page } = watched;
    await page.goto(`${server.url}/?place=map`);
    const rows = page.locator(".map-table tbody tr");
    await rows.first().waitFor();
    await page.getByRole("button", { name: /^DNS/ }).click();
    await page.getByRole("button", { name: /^Nodes/ }).click();
    await expect.poll(() => rows.count()).toBe(16);
    await page.getByRole("button", { name: "Only denied" }).click();
    await expect.poll(() => rows.count()).toBe(4);
    await page.reload();
    await expect.poll(() => rows.count()).toBe(4);
    expect(await page.getByRole("button", { name: /^DNS/ }).getAttribute("aria-pressed")).toBe(
      "false",
    );
  });

  it("is walked with the keys: arrows move, f folds, Enter opens, Escape closes", async () => {
    const { page } = watched;
    await page.goto(`${server.url}/?place=map`);
    await page.locator(".map-node").first().waitFor();
    await page.locator('.map-node[tabindex="0"]').focus();
    const name = (): Promise<string> =>
      page.evaluate(() => document.activeElement?.getAttribute("aria-label") ?? "");
    const before = await name();
    await page.keyboard.press("ArrowRight");
    await expect.poll(name).not.toBe(before);
    await page.keyboard.press("Enter");
    await page.locator(".map-panel").waitFor();
    await page.keyboard.press("Escape");
    await page.locator(".map-panel").waitFor({ state: "detached" });
    const boxes = await page.locator(".map-node").count();
    await page.locator('.map-node[data-item="workload|web|cart"]').focus();
    await page.keyboard.press("f");
    await page.locator('.map-node[data-item="group web"]').waitFor();
    expect(await page.locator(".map-node").count()).toBe(boxes - 2);
    expect(new URL(page.url()).searchParams.get("show")).toBe("fold:web");
  });

  it("stands still when new numbers come", async () => {
    let times = 0;
    server.state.answers["map"] = () => {
      const map = shopMap();
      const edges = map.edges.map((edge) =>
        Object.assign({}, edge, { forwarded: edge.forwarded * (1 + times) }),
      );
      times++;
      return { ...map, edges: times % 2 === 0 ? edges : edges.toReversed() };
    };
    const { page } = watched;
    await page.goto(`${server.url}/?place=map`);
    await page.locator(".map-node").first().waitFor();
    const places = (): Promise<string[]> =>
      page
        .locator(".map-node")
        .evaluateAll((all) =>
          all
            .map((node) => `${node.getAttribute("data-item")} ${node.getAttribute("transform")}`)
            .sort(),
        );
    const before = await places();
    await page.keyboard.press("r");
    await expect.poll(() => times).toBeGreaterThan(1);
    await page.waitForTimeout(200);
    expect(await places()).toEqual(before);
  });

  it("starts folded above 300 nodes", async () => {
    server.state.answers["map"] = () => largeMap(400);
    const { page } = watched;
    await page.goto(`${server.url}/?place=map`);
    await page.locator(".map-node").first().waitFor();
    expect(await page.locator(".map-node").count()).toBe(34);
    expect(await page.locator(".map-group").count()).toBe(0);
    await page.locator('.map-node[data-item="group team-05"]').click();
    await page.locator(".map-group").waitFor();
    expect(await page.locator(".map-node").count()).toBe(34 + 11);
  });

  it("is saved as a picture of its own", async () => {
    const { page } = watched;
    await page.goto(`${server.url}/?place=map`);
    await page.locator(".map-node").first().waitFor();
    const [saved] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Save the map as SVG" }).click(),
    ]);
    expect(saved.suggestedFilename()).toMatch(/^map-[\dTZ.-]+\.svg$/);
    const text = await (await import("node:fs/promises")).readFile(await saved.path(), "utf8");
    expect(text).toContain("payments-api");
    expect(text).not.toContain("var(");
  });

  it("keeps its picture, greyed, while nothing is connected, and goes on by itself", async () => {
    const { page } = watched;
    await page.goto(`${server.url}/?place=map`);
    await page.locator(".map-node").first().waitFor();
    const grey = (): Promise<string> =>
      page.locator("section.map").evaluate((map) => getComputedStyle(map).filter);
    expect(await grey()).toBe("none");
    server.cut();
    await expect.poll(grey).toBe("grayscale(1)");
    await page.getByText(/^Not connected since/).waitFor();
    expect(await page.locator(".map-node").count()).toBeGreaterThan(9);
    await page.getByRole("button", { name: "Try now" }).click();
    const before = server.asked.length;
    server.back();
    await expect.poll(grey).toBe("none");
    await expect.poll(() => server.asked.length).toBeGreaterThan(before);
  });

  it("says what, why and what next when it cannot be read, and keeps the last picture", async () => {
    const { page } = watched;
    await page.goto(`${server.url}/?place=map`);
    await page.locator(".map-node").first().waitFor();
    server.state.restError = {
      code: "STORE_DOWN",
      message: "The store cannot be reached.",
      next: "It is tried again by itself.",
    };
    await page.keyboard.press("r");
    await page.getByText("The store cannot be reached. What is shown was asked at").waitFor();
    expect(await page.locator(".map-node").count()).toBeGreaterThan(9);
    await page.reload();
    await page.getByRole("alert").getByText("The store cannot be reached.").first().waitFor();
    server.state.restError = undefined;
    await page.getByRole("button", { name: "Try again" }).first().click();
    await page.locator(".map-node").first().waitFor();
  });
});
