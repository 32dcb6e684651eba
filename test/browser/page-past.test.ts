import { fileURLToPath } from "node:url";
import type { Flow } from "@dropscope/model";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { launchBrowser, openPage } from "../kit/browser.js";
import type { Watched } from "../kit/browser.js";
import { contrasts } from "../kit/contrast.js";
import { DROPS, PAST, type PastCluster, startPastCluster } from "../kit/past-cluster.js";

// The page over a real server and a real store whose policies changed within the last hour.

const WEB = fileURLToPath(new URL("../../packages/web/dist/", import.meta.url));
const MINUTE = 60_000;
const patient = { timeout: 20_000 };

/** Checkout loses its way to the api when the policy changes, and finds another one. */
function traffic(): Flow[] {
  const end = (namespace: string, name: string) => ({
    namespace,
    pod_name: `${name}-7d9f8b6c5-x2k4p`,
    identity: 2000,
  });
  const flow = (at: number, from: string, to: string, dropped: boolean): Flow => ({
    time: new Date(at).toISOString(),
    uuid: crypto.randomUUID(),
    verdict: dropped ? "DROPPED" : "FORWARDED",
    ...(dropped ? { drop_reason_desc: "POLICY_DENIED" as const } : {}),
    event_type: dropped ? { type: 1, sub_type: 133 } : { type: 4 },
    traffic_direction: "EGRESS",
    node_name: "n1",
    Type: "L3_L4",
    IP: { source: "10.0.0.7", destination: "10.0.0.8", ipVersion: "IPv4" },
    l4: { TCP: { source_port: 40_000, destination_port: 8443 } },
    source: end("shop", from),
    destination: end("pay", to),
  });
  const flows: Flow[] = [];
  for (let at = PAST.START; at < PAST.START + 20 * MINUTE; at += 3_000) {
    const after = at >= PAST.POLICY_CHANGED;
    flows.push(flow(at + 100, "checkout", "api", after));
    flows.push(flow(at + 200, "frontend", "search", false));
    if (after) flows.push(flow(at + 300, "checkout", "fallback", false));
    else flows.push(flow(at + 300, "checkout", "cache", false));
  }
  return flows;
}

const iso = (ms: number): string => new Date(ms).toISOString().replace(".000Z", "Z");

describe("the past in the page", () => {
  let browser: Browser;
  let past: PastCluster;
  let watched: Watched;
  let page: Page;

  beforeAll(async () => {
    [browser, past] = await Promise.all([launchBrowser(), startPastCluster(WEB, traffic())]);
  });
  afterAll(async () => {
    await browser?.close();
    await past?.close();
  });
  beforeEach(async () => {
    watched = await openPage(browser, past.url, {
      expected: /status of (404|422)/,
      timezoneId: "UTC",
    });
    page = watched.page;
  });
  afterEach(async () => {
    expect(await watched.problems()).toEqual([]);
    await watched.context.close();
  });

  const mark = () => page.getByRole("region", { name: "You look at the past" });
  const query = (name: string): string | null => new URL(page.url()).searchParams.get(name);
  const pods = async (policy: string): Promise<string | null> => {
    const row = page.locator(".policy-table tbody tr", { has: page.getByTitle(policy) });
    return row.locator("[data-label=Selects]").textContent();
  };

  it("is chosen in the range picker, stands in the address, and is one click from live", async () => {
    await page.goto(`${past.url}/?place=policies`);
    await page.getByRole("button", { name: "As of a moment of the past" }).click();
    const at = iso(PAST.CART);
    await page.getByLabel("Show everything as of").fill(at.slice(0, 19));
    await page.getByRole("button", { name: "Show", exact: true }).click();
    await mark().waitFor();
    expect(query("at")).toBe(at);
    expect(await mark().textContent()).toContain(`As of ${at.slice(11, 19)}`);
    await expect.poll(() => pods("pay/of-cart"), patient).toBe("1 workload, 1 pod");
    await page.reload();
    await mark().waitFor();
    await expect.poll(() => pods("pay/of-ledger"), patient).toBe("no pod");
    await mark().getByRole("button", { name: "Back to live" }).click();
    await mark().waitFor({ state: "detached" });
    expect(query("at")).toBeNull();
    await expect.poll(() => pods("pay/of-ledger"), patient).toBe("1 workload, 1 pod");
  });

  it("refuses a moment that has not come", async () => {
    await page.goto(`${past.url}/?place=policies`);
    await page.getByRole("button", { name: "As of a moment of the past" }).click();
    await page.getByLabel("Show everything as of").fill("2099-01-01T00:00:00");
    await page.getByRole("button", { name: "Show", exact: true }).click();
    await page.getByRole("alert").filter({ hasText: "not over yet" }).waitFor();
    expect(query("at")).toBeNull();
  });

  it("goes a minute on and back, and the labels are those of then", async () => {
    await page.goto(`${past.url}/?place=policies&at=${iso(PAST.LABELS_CHANGED - 30_000)}`);
    await expect.poll(() => pods("team-b"), patient).toBe("no pod");
    await mark().getByRole("button", { name: "1 min later" }).click();
    await expect.poll(() => pods("team-b"), patient).toContain("1 pod");
    await mark().getByRole("button", { name: "1 min earlier" }).click();
    await expect.poll(() => pods("team-b"), patient).toBe("no pod");
  });

  it("says since when policies are known, and that one was not there yet", async () => {
    const early = PAST.WATCHED - 5 * MINUTE;
    await page.goto(`${past.url}/?place=policies&at=${iso(early)}`);
    const since = iso(PAST.WATCHED).slice(11, 19);
    await mark().getByText(`Policies are known since ${since}`).waitFor();
    await page.getByText("Nobody told of a policy at that time.").waitFor();
    await page.goto(
      `${past.url}/?place=policies&item=NetworkPolicy/shop/web-egress&at=${iso(early)}`,
    );
    await page.getByText("there was no such policy: it is known since").waitFor();
    await page.getByRole("link", { name: "POLICY_NOT_YET" }).waitFor();
  });

  it("shows a policy's text of then", async () => {
    const item = "NetworkPolicy/shop/web-egress";
    const text = page.getByRole("region", { name: /YAML|Text/ }).first();
    await page.goto(`${past.url}/?place=policies&item=${item}&at=${iso(PAST.LEDGER)}`);
    await page.locator(".code-line").first().waitFor();
    expect(await text.textContent()).not.toContain("metrics");
    await page.goto(`${past.url}/?place=policies&item=${item}&at=${iso(PAST.POLICY_CHANGED)}`);
    await expect.poll(() => text.textContent(), patient).toContain("metrics");
  });

  it("has the problems of then, in the state that they had", async () => {
    await page.goto(`${past.url}/?at=${iso(PAST.LEDGER + 1000)}`);
    await page.locator("h1", { hasText: "going on at" }).waitFor();
    expect(await page.locator("h1").textContent()).toContain("new");
    await page.goto(`${past.url}/?at=${iso(PAST.START - MINUTE)}`);
    await page.locator("h1", { hasText: "No problem was going on at" }).waitFor();
  });

  it("before and after a policy change is one click from the change", async () => {
    // As much time before it is stored as well.
    const [from, to] = [iso(PAST.START + 4 * MINUTE), iso(PAST.START + 8 * MINUTE)];
    await page.goto(`${past.url}/?place=live&from=${from}&to=${to}`);
    await mark().getByRole("button", { name: "Compare" }).click();
    await page.locator(".axis canvas").waitFor();
    const change = page.locator(".change", { hasText: "NetworkPolicy shop/web-egress changed" });
    await change.click();
    await expect.poll(() => query("from"), patient).toBe(iso(PAST.POLICY_CHANGED));
    expect(query("with-to")).toBe(iso(PAST.POLICY_CHANGED));
    await page.locator("h1", { hasText: "1 connection began to be dropped" }).waitFor();
    const row = (server: string) => page.locator(".change-table tbody tr", { hasText: server });
    expect(await row("api").locator("[data-label=Before]").textContent()).toContain("forwarded");
    expect(await row("api").locator("[data-label=After]").textContent()).toContain("dropped");
    expect(await row("fallback").locator("[data-label=Before]").textContent()).toBe("–");
    expect(await row("cache").locator("[data-label=After]").textContent()).toBe("–");
    expect(await row("search").count()).toBe(0);
    await page.getByRole("button", { name: /^New 1/ }).click();
    await expect
      .poll(() => page.locator(".change-table tbody tr").count(), patient)
      .toBeGreaterThan(0);
    expect(await row("api").count()).toBe(0);
    await page.reload();
    await expect.poll(() => row("fallback").count(), patient).toBe(1);
    await row("fallback").locator(".row-link").click();
    await expect.poll(() => query("place"), patient).toBe("live");
    await page.locator(".grid-row", { hasText: "fallback" }).first().waitFor();
  });

  it("labels that changed are on the axis with what came and went", async () => {
    const [from, to] = [iso(PAST.POLICY_CHANGED), iso(PAST.START + 12 * MINUTE)];
    await page.goto(`${past.url}/?place=compare&from=${from}&to=${to}`);
    const change = page.locator(".change", { hasText: "Labels of namespace pay changed" });
    await change.waitFor();
    expect(await change.locator("code").allTextContents()).toEqual(["+team=b", "−team=a"]);
  });

  it("ranges of which nothing is stored are not compared, and it is said why", async () => {
    await page.goto(`${past.url}/?place=compare&with=week`);
    await page.getByRole("link", { name: "BEFORE_RETENTION" }).waitFor();
    await page.getByText("What is stored begins at").waitFor();
  });

  it("is reached with the keys", async () => {
    await page.goto(past.url);
    await page.locator("h1").waitFor();
    await page.keyboard.press("d");
    await expect.poll(() => query("place"), patient).toBe("compare");
    await page.keyboard.press("l");
    await page.keyboard.press("1");
    await expect.poll(() => query("place"), patient).toBeNull();
  });

  it("a flow that names no pod says whose its address was then, and whose it was later", async () => {
    await page.goto(`${past.url}/?place=live&at=${iso(PAST.LEDGER)}&flow=${DROPS.cart.uuid}`);
    const end = page.locator(".end", { hasText: "Destination" });
    await end.getByText("pay/cart-5c7b9f8d6-z8v5t").waitFor();
    expect(await end.locator(".address-then").textContent()).toBe(
      `then of pay/cart-5c7b9f8d6-z8v5tfrom ${iso(PAST.TAKEN).slice(11, 19)} of pay/ledger-6b8c9d7f4-q9w8r`,
    );
  });

  it.each(["light", "dark"] as const)("can be read and fits a phone (%s)", async (colorScheme) => {
    const { from, to } = { from: iso(PAST.POLICY_CHANGED), to: iso(PAST.START + 12 * MINUTE) };
    const with5 = `with-from=${iso(PAST.START)}&with-to=${from}`;
    await page.emulateMedia({ colorScheme });
    for (const path of [
      `?place=compare&from=${from}&to=${to}&${with5}`,
      `?place=policies&at=${iso(PAST.WATCHED - MINUTE)}`,
      `?at=${iso(PAST.START + 8 * MINUTE)}`,
    ])
      for (const viewport of [
        { width: 1440, height: 900 },
        { width: 390, height: 844 },
      ]) {
        await page.setViewportSize(viewport);
        await page.goto(`${past.url}/${path}`);
        await page.locator("h1.headline:not([aria-busy])").waitFor();
        await page.locator(".past-text, .change-table").first().waitFor();
        expect((await contrasts(page)).filter(({ ratio }) => ratio < 4.5)).toEqual([]);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth);
        expect([path, wide]).toEqual([path, viewport.width]);
      }
  });
});
