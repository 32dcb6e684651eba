import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { launchBrowser, openPage } from "../kit/browser.js";
import type { Watched } from "../kit/browser.js";
import { mockAudit, mockOpenWorkloads } from "../kit/mock-audit.js";
import { startMockDashboard } from "../kit/mock-dashboard.js";
import type { MockDashboard } from "../kit/mock-dashboard.js";
import { mockPolicies } from "../kit/mock-policies.js";

describe("what passes although policies deny it, and what no policy selects", () => {
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
    server.state.answers["audit"] = () => mockAudit();
    server.state.answers["audit/open"] = () => mockOpenWorkloads();
    watched = await openPage(browser, server.url, {});
  });
  afterEach(async () => {
    expect(await watched.problems()).toEqual([]);
    await watched.context.close();
    await server.close();
  });

  const trespass = () => watched.page.getByRole("region", { name: "Forwarded although denied" });
  const open = () => watched.page.getByRole("region", { name: "Pods no policy selects" });

  it("says how much, and what it most likely means", async () => {
    const { page } = watched;
    await page.goto(`${server.url}/?place=policies`);
    await page.locator("h1", { hasText: "2 denied paths were let through" }).waitFor();
    expect(await trespass().locator(".fold-count").textContent()).toBe("2");
    expect(await trespass().locator(".dns-entry").count()).toBe(2);
    await trespass().getByText("nothing shows that these policies are enforced").waitFor();
    await trespass().getByText("Check that the network plugin enforces").first().waitFor();
  });

  it("leads to the policy, to the flows that show it, and to all of them", async () => {
    const { page } = watched;
    await page.goto(`${server.url}/?place=policies`);
    await trespass().locator(".dns-head").first().click();
    const facts = trespass().locator(".dns-facts");
    await facts.getByText("37 new connections").waitFor();
    const hrefs = await facts
      .locator("a")
      .evaluateAll((all) => all.map((each) => each.getAttribute("href") ?? ""));
    expect(hrefs[0]).toContain("item=NetworkPolicy%2Fpayments%2Fpayments-db");
    expect(hrefs[1]).toContain("flow=5b3f6c1e-0000-4000-8000-000000000001");
    const all = new URLSearchParams(hrefs.at(-1));
    expect(all.get("place")).toBe("live");
    expect(all.get("filter")).toBe(
      "--verdict FORWARDED --from-pod web/reports --to-pod payments/payments-db --to-port 5432 --protocol tcp",
    );
    // The address keeps what is open, and Escape closes it.
    await page.reload();
    await facts.waitFor();
    await page.keyboard.press("Escape");
    await facts.waitFor({ state: "detached" });
    await trespass().locator(".dns-head").nth(1).click();
    await facts.getByText("was changed").waitFor();
  });

  it("pods that no policy selects are counted, and listed on demand; the address keeps it", async () => {
    const { page } = watched;
    await page.goto(`${server.url}/?place=policies`);
    await open().getByText("2 workloads, 4 pods").waitFor();
    expect(await open().locator("table").count()).toBe(0);
    await open().getByRole("button", { name: "Pods no policy selects" }).click();
    await expect.poll(() => open().locator("tbody tr").count()).toBe(3);
    expect(await open().locator(".warned").count()).toBe(2);
    await page.reload();
    await expect.poll(() => open().locator("tbody tr").count()).toBe(3);
    await open().locator("a").first().click();
    await expect
      .poll(() => new URL(page.url()).searchParams.get("filter"))
      .toBe("--pod web/reports");
  });

  it("nothing wrong is one quiet line", async () => {
    server.state.answers["audit"] = () => ({
      ...mockAudit(),
      findings: [],
      counts: { "not-enforced": 0, "not-loaded": 0, "stale-endpoint": 0, "other-reading": 0 },
    });
    const { page } = watched;
    await page.goto(`${server.url}/?place=policies`);
    await trespass().getByText("Nothing that policies deny has passed").waitFor();
    expect(await trespass().locator("ul").count()).toBe(0);
  });

  it("lints that are still running say so, and are asked for again soon", async () => {
    let asked = 0;
    server.state.answers["policies"] = () => {
      asked += 1;
      return { ...mockPolicies(), lint: asked > 2 ? "done" : "running" };
    };
    const { page } = watched;
    await page.goto(`${server.url}/?place=policies`);
    await page.locator("h1", { hasText: "their lints are running" }).waitFor();
    await page.locator("h1", { hasText: "findings" }).waitFor({ timeout: 10_000 });
  });
});
