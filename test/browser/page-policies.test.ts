import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { launchBrowser, openPage } from "../kit/browser.js";
import type { Watched } from "../kit/browser.js";
import { startMockDashboard } from "../kit/mock-dashboard.js";
import type { MockDashboard } from "../kit/mock-dashboard.js";
import { mockPolicies, mockPolicy, mockProblemRow } from "../kit/mock-policies.js";

const ITEM = "CiliumNetworkPolicy/payments/payments-api";

describe("the policies", () => {
  let browser: Browser;
  let server: MockDashboard;
  let watched: Watched;

  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    server = await startMockDashboard({ seed: 8 });
    server.state.answers["policies"] = () => mockPolicies();
    server.state.answers[`policies/${ITEM}`] = () => mockPolicy(Date.now(), [mockProblemRow()]);
    watched = await openPage(browser, server.url, {
      expected: /status of (404|503)/,
      permissions: ["clipboard-read", "clipboard-write"],
    });
  });
  afterEach(async () => {
    expect(await watched.problems()).toEqual([]);
    await watched.context.close();
    await server.close();
  });

  const rows = (): Promise<string[]> =>
    watched.page
      .locator(".policy-table tbody .mid")
      .evaluateAll((all) => all.map((each) => each.getAttribute("title") ?? ""));

  it("begin with those that drop, and are found by words; the address keeps it", async () => {
    const { page } = watched;
    await page.goto(`${server.url}/?place=policies`);
    await page.locator("h1", { hasText: "2 policies take part in drops" }).waitFor();
    expect((await rows()).slice(0, 2)).toEqual([
      "payments/payments-api",
      "web/cart-egress-without-dns",
    ]);
    await page.keyboard.press("/");
    await page.keyboard.type("np web");
    await expect.poll(async () => (await rows()).length).toBe(3);
    await expect.poll(() => new URL(page.url()).searchParams.get("show")).toBe("find:np:web");
    await page.getByRole("button", { name: "With findings" }).click();
    await expect.poll(async () => (await rows()).length).toBe(2);
    await page.reload();
    await expect.poll(async () => (await rows()).length).toBe(2);
    expect(await page.getByRole("searchbox").inputValue()).toBe("np web");
  });

  it("a policy for nobody says so", async () => {
    const { page } = watched;
    await page.goto(`${server.url}/?place=policies`);
    await page.locator(".warned", { hasText: "no pod" }).waitFor();
  });

  it("open with the keys, and close with Escape", async () => {
    const { page } = watched;
    await page.goto(`${server.url}/?place=policies`);
    await page.locator(".policy-table .row-link").first().waitFor();
    await page.keyboard.press("j");
    await page.keyboard.press("Enter");
    await page.locator("h1", { hasText: "payments-api" }).waitFor();
    expect(new URL(page.url()).searchParams.get("item")).toBe(ITEM);
    await page.locator(".code-line").first().waitFor();
    await page.keyboard.press("Escape");
    await page.locator(".policy-table").waitFor();
  });

  it("one shows its text with findings at their lines, whom it selects and what it drops", async () => {
    const { page } = watched;
    await page.goto(`${server.url}/?place=policies&item=${ITEM}`);
    await page.locator(".code-line.marked").first().waitFor();
    expect(
      await page
        .locator(".code-line.marked")
        .evaluateAll((all) => all.map((each) => each.getAttribute("data-line"))),
    ).toEqual(["27", "28"]);
    await page.locator(".code-note", { hasText: "NP014" }).waitFor();
    await page.getByRole("region", { name: "Selects" }).getByText("payments-api").first().waitFor();
    await page.getByRole("button", { name: "line 26" }).click();
    await page.getByRole("button", { name: "Show the patch" }).click();
    await page.getByRole("button", { name: "Copy the patch" }).click();
    await page.getByText("Patch copied").waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toContain("+    # with the");
    await page.locator(".policy-problem").click();
    await expect.poll(() => new URL(page.url()).searchParams.get("item")).toBe("aaaaaaaaaaaaaaa5");
  });

  it("versions and their difference are one click and one link", async () => {
    const { page } = watched;
    await page.goto(`${server.url}/?place=policies&item=${ITEM}`);
    await page.getByRole("button", { name: "Changes" }).click();
    expect(await page.locator(".diff-removed").count()).toBe(2);
    await page.reload();
    await page.locator(".diff-removed").first().waitFor();
    await page.locator(".version").nth(1).click();
    await page.locator(".code-line").first().waitFor();
    expect(await page.locator(".diff-removed").count()).toBe(0);
    expect(await page.locator(".version").nth(1).getAttribute("aria-pressed")).toBe("true");
  });

  it("without any, it says how to tell of them", async () => {
    server.state.answers["policies"] = () => ({ ...mockPolicies(), policies: [] });
    const { page } = watched;
    await page.goto(`${server.url}/?place=policies`);
    await page.getByText("dropscope has not been told where they are.").waitFor();
    await page.getByText("--policies DIR").waitFor();
  });

  it("one that is not known says what next", async () => {
    const { page } = watched;
    server.state.restError = {
      code: "POLICY_NOT_FOUND",
      message: "This policy is not known, or not yours to see.",
      next: "GET /api/v1/policies lists what is known.",
    };
    await page.goto(`${server.url}/?place=policies&item=NetworkPolicy/web/gone`);
    await page.getByRole("alert").getByText("This policy is not known").first().waitFor();
    await page.getByRole("link", { name: "Policies" }).last().waitFor();
  });
});
