import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { launchBrowser, openPage } from "../kit/browser.js";
import type { Watched } from "../kit/browser.js";
import { startMockDashboard } from "../kit/mock-dashboard.js";
import type { MockDashboard } from "../kit/mock-dashboard.js";

describe("the drawer and the keyboard", () => {
  let browser: Browser;
  let server: MockDashboard;
  let watched: Watched;

  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    server = await startMockDashboard({ seed: 23 });
    watched = await openPage(browser, server.url, {
      expected: /status of 404/,
      permissions: ["clipboard-read", "clipboard-write"],
    });
  });
  afterEach(async () => {
    expect(await watched.problems()).toEqual([]);
    await watched.context.close();
    await server.close();
  });

  async function openFlow(reason: string): Promise<void> {
    const row = server.row(Date.now(), true);
    Object.assign(row, { reason, verdict: "DROPPED", direction: "INGRESS" });
    server.state.rows = [row, server.row(Date.now() - 5, false), server.row(Date.now() - 9, false)];
    await watched.page.goto(`${server.url}/?place=live`);
    await watched.page.locator(".grid-row").first().click();
    await watched.page.locator(".drawer h3").first().waitFor();
  }

  it("says why, and is honest about a default deny", async () => {
    await openFlow("POLICY_DENIED");
    const why = watched.page.getByRole("region", { name: "Why" });
    expect(await why.textContent()).toContain("no rule of any policy allows this traffic");
    expect(await why.textContent()).toContain("Default deny: no rule allowed it.");
    expect(await why.textContent()).toContain("for ingress.");
    expect(await why.textContent()).not.toContain("Denied by");
  });

  it("names the policy where Hubble names it", async () => {
    await openFlow("POLICY_DENY");
    const why = watched.page.getByRole("region", { name: "Why" });
    expect(await why.textContent()).toContain(
      "Denied bypayments/deny-legacy CiliumNetworkPolicy revision 17",
    );
    expect(await why.textContent()).not.toContain("Default deny");
  });

  it("shows both ends with labels and identity, related events, and the raw flow to copy", async () => {
    await openFlow("POLICY_DENIED");
    const { page } = watched;
    const drawer = page.locator(".drawer");
    expect(await drawer.getByRole("region", { name: "Source" }).textContent()).toContain(
      "Identity",
    );
    expect(await drawer.locator(".related-row").count()).toBe(2);
    await drawer.getByText("Raw JSON").click();
    await drawer.getByRole("button", { name: "Copy JSON" }).click();
    const copied = JSON.parse(await page.evaluate(() => navigator.clipboard.readText())) as {
      verdict: string;
    };
    expect(copied.verdict).toBe("DROPPED");
    await drawer.locator(".related-row").first().click();
    await expect.poll(() => new URL(page.url()).searchParams.get("flow")).not.toBe(null);
  });

  it("does not hide the row that it explains", async () => {
    await openFlow("POLICY_DENIED");
    const row = await watched.page.locator(".grid-row.chosen").boundingBox();
    const drawer = await watched.page.locator(".drawer").boundingBox();
    expect((row?.x ?? 0) + (row?.width ?? 9999)).toBeLessThanOrEqual(drawer?.x ?? 0);
  });

  it("j and k move, Enter opens, the drawer follows, Escape closes it and then lets the rows go on", async () => {
    const { page } = watched;
    await page.goto(`${server.url}/?place=live`);
    await page.locator(".grid-row").first().waitFor();
    await page.keyboard.press("j");
    await page.keyboard.press("j");
    await page.keyboard.press("k");
    await page.keyboard.press("j");
    expect(await page.locator(".grid-row.chosen").getAttribute("id")).toBe("row-1");
    await page.keyboard.press("Enter");
    await page.locator(".drawer h3").first().waitFor();
    const before = new URL(page.url()).searchParams.get("flow");
    await page.keyboard.press("j");
    await expect.poll(() => new URL(page.url()).searchParams.get("flow")).not.toBe(before);
    await page.keyboard.press("Escape");
    expect(await page.locator(".drawer").count()).toBe(0);
    expect(await page.evaluate(() => document.activeElement?.className)).toContain("grid-body");
    await page.keyboard.press("Escape");
    expect(await page.locator(".grid-row.chosen").count()).toBe(0);
  });

  it("? lists every key and goes back", async () => {
    const { page } = watched;
    await page.goto(`${server.url}/?place=live`);
    await page.locator(".grid-row").first().waitFor();
    await page.keyboard.press("?");
    const keys = page.getByRole("region", { name: "Keys" });
    await keys.waitFor();
    for (const key of ["/", "j", "k", "Enter", "Esc", "p", "l", "?"]) {
      expect(
        await keys
          .locator("kbd", {
            hasText: new RegExp(`^\\${key.length === 1 ? key : `x`}$`.replace("\\x", key)),
          })
          .count(),
      ).toBe(1);
    }
    await page.keyboard.press("?");
    await page.locator(".grid-row").first().waitFor();
  });

  it("a flow that is gone says so", async () => {
    const { page } = watched;
    await page.goto(`${server.url}/?place=live&flow=11111111-1111-4111-8111-111111111111`);
    await page.locator(".drawer").getByText("This flow is not in the store.").waitFor();
  });

  it("everything can be reached with Tab, in order, with a visible focus", async () => {
    const { page } = watched;
    await page.goto(`${server.url}/?place=live`);
    await page.locator(".grid-row").first().waitFor();
    const seen: string[] = [];
    for (let step = 0; step < 60; step++) {
      await page.keyboard.press("Tab");
      const at = await page.evaluate(() => {
        const on = document.activeElement;
        if (!on || on === document.body) return "";
        const style = getComputedStyle(on);
        const row = on.closest("tr");
        const visible =
          style.outlineStyle !== "none" ||
          (row !== null && getComputedStyle(row).outlineStyle !== "none") ||
          on.closest(".filter-field, .choice label") !== null;
        return `${visible ? "" : "INVISIBLE "}${on.className || on.id || on.tagName}`;
      });
      seen.push(at);
    }
    expect(seen.filter((at) => at.startsWith("INVISIBLE"))).toEqual([]);
    expect(seen.join(" ")).toMatch(
      /skip.*place.*range.*cover.*chart.*mix-row.*row-link.*grid-body/s,
    );
  });
});
