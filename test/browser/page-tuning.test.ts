import { readFile } from "node:fs/promises";
import type { Browser, Download, Locator } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { PoliciesAnswer } from "@dropscope/model";
import { launchBrowser, openPage } from "../kit/browser.js";
import type { Watched } from "../kit/browser.js";
import { contrasts } from "../kit/contrast.js";
import { startMockDashboard } from "../kit/mock-dashboard.js";
import type { MockDashboard } from "../kit/mock-dashboard.js";
import { shopMap } from "../kit/mock-map.js";
import { mockPolicies, mockPolicy } from "../kit/mock-policies.js";
import {
  CART_POLICY,
  mockReadiness,
  mockReplay,
  mockRules,
  mockSuggestion,
} from "../kit/mock-tuning.js";

interface Sent {
  since: string;
  until: string;
  namespace?: string;
  policies: string;
  remove?: string;
}

const WEEK = 7 * 86_400_000;

describe("tuning", () => {
  let browser: Browser;
  let server: MockDashboard;
  let watched: Watched;
  let sent: Sent[];

  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    server = await startMockDashboard({ seed: 8 });
    sent = [];
    Object.assign(server.state.answers, answers());
    watched = await openPage(browser, server.url, {
      expected: /status of (400|404|503)/,
      permissions: ["clipboard-read", "clipboard-write"],
    });
    watched.page.setDefaultTimeout(10_000);
  });
  afterEach(async () => {
    expect(await watched.problems()).toEqual([]);
    await watched.context.close();
    await server.close();
  });

  function answers(): Record<string, unknown> {
    return {
      complete: (asked: URL) => ({
        values:
          asked.searchParams.get("what") === "workload"
            ? ["web/frontend", "web/cart"]
            : ["web", "payments", "monitoring", "ingress-nginx"],
      }),
      map: () => shopMap(),
      policies: () => inForce([]),
      "tuning/suggestion": (asked: URL) => mockSuggestion(asked),
      "tuning/replay": (asked: URL, body: unknown) => {
        sent.push(body as Sent);
        return mockReplay(asked, body);
      },
      "tuning/rules": () => mockRules(),
      "tuning/readiness": () => mockReadiness(),
    };
  }

  /** Those of the shop, and in `web` only these. */
  function inForce(names: readonly string[]): PoliciesAnswer {
    const all = mockPolicies();
    const [first] = all.policies;
    return {
      ...all,
      policies: [
        ...all.policies.filter(({ policy }) => policy.namespace !== "web"),
        ...names.map((name) => ({ ...first!, policy: { ...CART_POLICY, name } })),
      ],
    };
  }

  const region = (name: string): Locator => watched.page.getByRole("region", { name });
  const headline = (text: string): Promise<void> =>
    watched.page.locator("h1", { hasText: text }).waitFor();
  const editor = (): Locator => watched.page.locator(".cm-content");
  const line = (text: string): Locator => watched.page.locator(".cm-line", { hasText: text });
  const suggested = (query = ""): string => mockSuggestion(new URL(`http://x/?${query}`)).yaml;

  async function open(query: string): Promise<void> {
    await watched.page.goto(`${server.url}/?${query}`);
  }

  async function openProposal(query = "place=tuning&item=web"): Promise<void> {
    await open(query);
    await editor().waitFor();
    await headline("Nothing that was seen in 7 days would be denied");
  }

  /** Lines far from what is shown are not drawn. */
  async function scrollTo(text: string): Promise<void> {
    const scroller = watched.page.locator(".cm-scroller");
    const found = async (): Promise<number> => {
      const count = await line(text).count();
      if (count === 0) await scroller.evaluate((own) => own.scrollBy(0, 200));
      return count;
    };
    await expect.poll(found).toBeGreaterThan(0);
    await line(text).waitFor();
  }

  /** Types at the end of a line, as a person would. */
  async function typeAt(text: string, typed: string): Promise<void> {
    await scrollTo(text);
    await line(text).click();
    await watched.page.keyboard.press("End");
    await watched.page.keyboard.type(typed);
  }

  async function textOf(download: Download): Promise<string> {
    return readFile(await download.path(), "utf8");
  }

  it("from the rail to a namespace, its proposal and its file", async () => {
    const { page } = watched;
    const loaded: string[] = [];
    page.on("request", (request) => loaded.push(request.url()));
    await page.goto(server.url);
    await page.locator("h1").first().waitFor();
    await page.keyboard.press("6");
    await region("Namespaces").getByText("No policy isolates anything here.").first().waitFor();
    // Only who edits pays for the editor.
    expect(loaded.filter((url) => url.includes("editor-view"))).toEqual([]);
    await page.keyboard.press("j");
    await page.keyboard.press("Enter");
    await headline("Nothing that was seen in 7 days would be denied");
    expect(new URL(page.url()).searchParams.get("item")).toBe("web");
    // What is not known stands beside what is.
    await headline("2 connections could not be judged");
    await page.getByText("Rests on 1,204,331 flows of 9 connections in 7 days").click();
    await page.getByText("the labels of one end are not known").waitFor();

    await region("What the rules rest on")
      .getByText("Seen every hour for two days only.")
      .waitFor();
    await editor().waitFor();
    expect(loaded.filter((url) => url.includes("editor-view"))).toHaveLength(1);
    const waiting = page.waitForEvent("download");
    await page.getByRole("button", { name: "Download" }).click();
    const download = await waiting;
    expect(download.suggestedFilename()).toBe("web.yaml");
    expect(await textOf(download)).toBe(suggested());
    await region("Policies").getByRole("button", { name: "Copy" }).click();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(suggested());
    // One week, pinned: each edit is held against the same traffic.
    expect(Number(sent[0]!.until) - Number(sent[0]!.since)).toBe(WEEK);
    expect(sent[0]).toMatchObject({ namespace: "web", policies: suggested() });
  });

  it("an edit is replayed at once: in the list and on the map", async () => {
    const { page } = watched;
    await openProposal();
    await page.locator(".replay-map .map-svg").waitFor();
    expect(await page.locator(".map-edge.newly-denied").count()).toBe(0);
    await line("port: 8443").click();
    await page.keyboard.press("End");
    await page.keyboard.type("1");
    await headline("1 connection would be denied");
    const row = region("Replay").locator(".replay-row");
    expect(await row.textContent()).toMatch(/web\/cart.*payments\/payments-api.*:8443\/TCP/);
    await row.getByText("no rule allows TCP 8443").waitFor();
    expect(await page.locator(".map-edge.newly-denied .map-denied").count()).toBe(1);
    expect(await page.locator(".map-label.newly-denied").textContent()).toBe("41,200");
    expect(sent.at(-1)).toMatchObject({ since: sent[0]!.since, until: sent[0]!.until });

    // A workload on the map shows only its own in the list.
    await page.getByRole("button", { name: /^web\/search-suggestions:/ }).click();
    await region("Replay").getByText("None of these.").waitFor();
    await page.getByRole("button", { name: /Show all again/ }).click();
    await row.waitFor();

    await page.getByRole("button", { name: "Back to the proposal" }).click();
    await headline("Nothing that was seen in 7 days would be denied");
    expect(await page.locator(".map-edge.newly-denied").count()).toBe(0);
    expect(sent.at(-1)!.policies).toBe(suggested());
  });

  it("keys that are typed are text; Escape gives them back; an edit outlives its page", async () => {
    const { page } = watched;
    await openProposal();
    await typeAt("name: frontend", "-p1?/jk6");
    await line("name: frontend-p1?/jk6").waitFor();
    await page.keyboard.press("Escape");
    expect(new URL(page.url()).searchParams.get("place")).toBe("tuning");
    await page.getByText("2 policies, edited").waitFor();
    await page.keyboard.press("Escape");
    await region("Namespaces").waitFor();
    await page.goBack();
    await editor().waitFor();
    await scrollTo("name: frontend-p1?/jk6");
    await page.reload();
    await editor().waitFor();
    await scrollTo("name: frontend-p1?/jk6");
    await page.getByRole("button", { name: "Back to the proposal" }).click();
    await page.getByText(", edited").waitFor({ state: "detached" });
    await page.reload();
    await openProposal();
    expect(await page.getByText(", edited").count()).toBe(0);
  });

  it("problems of the text are at their lines, and in a list that leads there", async () => {
    const { page } = watched;
    await openProposal();
    await line("port: 8443").click();
    await page.keyboard.press("End");
    await page.keyboard.press("Enter");
    await page.keyboard.type("podSelector: {}");
    const problems = page.getByRole("list", { name: "Problems of the text" });
    await problems.getByText("NP116: Every pod of the namespace is selected.").waitFor();
    await page.locator(".cm-lintRange-warning").first().waitFor();
    await headline("Nothing that was seen");
    await page.keyboard.press("Enter");
    await page.keyboard.type("prots:");
    await page.locator("h1", { hasText: /Line \d+ cannot be read/ }).waitFor();
    await page.locator(".cm-lint-marker-error").first().waitFor();
    await page.keyboard.press("Control+Home");
    await problems.getByText("Unknown field prots").click();
    await expect.poll(() => page.locator(".cm-activeLine").textContent()).toContain("prots:");
    // Typed over lines: the browser would join them with styles that the page forbids.
    await page.keyboard.press("Shift+ArrowDown");
    await page.keyboard.type("# gone");
    await line("# gone").waitFor();
    await page.keyboard.press("Control+z");
    await line("prots:").waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollHeight)).toBe(900);
    expect(await editor().evaluate((own) => own.getRootNode() instanceof ShadowRoot)).toBe(true);
  });

  it("what was left out is included by choice, in the address too", async () => {
    const { page } = watched;
    await openProposal();
    const left = region("Left out");
    await left.getByText("One address tried 31 ports").waitFor();
    await left.getByRole("button", { name: /^Include monitoring\/prometheus-server/ }).click();
    await headline("1 connection would be newly allowed");
    expect(await page.locator(".map-label.newly-allowed").textContent()).toBe("+180");
    await page.reload();
    await headline("1 connection would be newly allowed");
    const asked = server.asked.filter(({ pathname }) => pathname.endsWith("/suggestion"));
    expect(asked.at(-1)!.searchParams.get("include")).toBe("e-prom");
    // An edit outlives another proposal, and it is said.
    await typeAt("name: cart", "-x");
    await left.getByRole("button", { name: /Leave out again/ }).click();
    await page.getByText("Another text is proposed by now").waitFor();
    await expect.poll(() => sent.at(-1)!.policies).toContain("name: cart-x");
    await page.getByRole("button", { name: "Back to the proposal" }).click();
    await headline("Nothing that was seen in 7 days would be denied");
    await left.getByText("nobody said it is wanted").waitFor();

    await page.getByRole("button", { name: "Cilium", exact: true }).click();
    await expect
      .poll(() => server.asked.map(String).join(" "))
      .toContain("kind=CiliumNetworkPolicy");
    await page.getByLabel("Workload").selectOption("cart");
    await expect.poll(() => new URL(page.url()).searchParams.get("item")).toBe("web/cart");
  });

  it("against what is in force it is a patch, and other policies can be tried away", async () => {
    const { page } = watched;
    const now = mockPolicy();
    const before = suggested().split("---\n")[0]!.replace("8443", "443");
    server.state.answers["policies"] = () => inForce(["cart", "legacy-allow-all"]);
    server.state.answers["policies/NetworkPolicy/web/cart"] = () => ({
      ...now,
      versions: [{ ...now.versions[0], to: null, yaml: before }],
    });
    await openProposal();
    await page.getByText("1 other policy of web stays in force").waitFor();
    expect(sent.at(-1)!.remove).toBeUndefined();
    await page.getByLabel("Try without it").check();
    await expect.poll(() => sent.at(-1)!.remove).toBe("NetworkPolicy/web/legacy-allow-all");

    await page.getByRole("button", { name: "Patch", exact: true }).click();
    const policies = region("Policies");
    await policies.getByText("changes web/cart").waitFor();
    await policies.getByText("is new").waitFor();
    expect(await policies.locator(".diff-removed").allTextContents()).toEqual([
      expect.stringContaining("port: 443"),
    ]);
    await policies.getByText("kubectl delete networkpolicy -n web legacy-allow-all").waitFor();
    await policies.getByRole("button", { name: "Copy the patch" }).click();
    const patch = await page.evaluate(() => navigator.clipboard.readText());
    expect(patch).toMatch(/^--- a\/cart\.yaml\n\+\+\+ b\/cart\.yaml\n@@ /);
    expect(patch).toContain("--- /dev/null\n+++ b/frontend.yaml\n@@ -0,0 +1,");
  });

  it("rules say what uses them; one that nothing uses leads to its text, to be tried out", async () => {
    const { page } = watched;
    const item = "CiliumNetworkPolicy/payments/payments-api";
    server.state.answers[`policies/${item}`] = () => mockPolicy();
    await open("place=tuning");
    await page.getByRole("link", { name: "Rules" }).click();
    await headline("Nothing used 1 rule in 7 days");
    const rows = region("Rules").locator("tbody tr");
    expect(await rows.count()).toBe(4);
    expect(await rows.first().textContent()).toContain("It allows everything");
    await page.getByText("What carries the same traffic, and no more").click();
    await page.getByRole("region", { name: "Narrower rule" }).getByText("app: cart").waitFor();
    await page.getByRole("button", { name: /^Never used/ }).click();
    await expect.poll(() => rows.count()).toBe(1);
    await page.reload();
    await expect.poll(() => rows.count()).toBe(1);
    await rows.getByRole("link", { name: "Edit and replay" }).first().click();
    await line("name: payments-api").waitFor();
    await expect.poll(() => sent.at(-1)).toMatchObject({ namespace: "payments" });
    await typeAt("name: payments-api", "x");
    await page.getByRole("button", { name: "Back to what is in force" }).click();
    await expect.poll(() => sent.at(-1)!.policies).toContain("name: payments-api\n");
  });

  it("readiness is a stage and a plan for each namespace", async () => {
    const { page } = watched;
    await open("place=readiness");
    await headline("Default deny is safe in 1 of 4 namespaces");
    await page.getByRole("button", { name: /^payments/ }).click();
    await page.getByText("no rule allows it").waitFor();
    const plan = page.getByRole("list", { name: "Plan for payments" });
    await plan.getByRole("button", { name: "Copy the command" }).click();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(
      "dropscope policy suggest --namespace payments | kubectl apply -f -",
    );
    await page.reload();
    await plan.waitFor();
    await page.getByRole("link", { name: "Propose policies" }).click();
    await editor().waitFor();
    expect(new URL(page.url()).searchParams.get("item")).toBe("payments");
  });

  it("without traffic, without policies and without an answer it says so, and what next", async () => {
    const { page } = watched;
    const none = { flows: 0, edges: 0, hoursSeen: 0, firstSeen: null, lastSeen: null };
    server.state.answers["tuning/suggestion"] = (asked: URL) => {
      const full = mockSuggestion(asked);
      const evidence = { ...full.evidence, ...none, gaps: [], unknown: [] };
      return { ...full, evidence, policies: [], yaml: "", leftOut: [], remarks: [] };
    };
    server.state.answers["tuning/rules"] = () => ({ ...mockRules(), rules: [] });
    await open("place=tuning&item=web");
    await page.getByText("No traffic was seen here in 7 days.").waitFor();
    await open("place=rules");
    await page.getByText("--policies DIR").waitFor();
    const error = {
      code: "NAMESPACE_NOT_FOUND",
      message: "Nobody knows the namespace nowhere.",
      next: "Take another.",
    };
    server.state.answers["tuning/suggestion"] = { error };
    await open("place=tuning&item=nowhere");
    await page.getByRole("alert").getByText("Nobody knows the namespace nowhere.").waitFor();
    server.state.answers["tuning/suggestion"] = (asked: URL) => mockSuggestion(asked);
    await page.getByRole("button", { name: "Try again" }).click();
    await editor().waitFor();
    // A replay that fails says so beside the last one.
    server.state.answers["tuning/replay"] = { error: { ...error, message: "Too much at once." } };
    await typeAt("port: 8443", "1");
    await region("Replay").getByRole("alert").getByText("Too much at once.").waitFor();
  });

  it("at 390 px nothing is cut off sideways, and it is edited all the same", async () => {
    const phone = await openPage(browser, server.url, {
      viewport: { width: 390, height: 844 },
      hasTouch: true,
      isMobile: true,
    });
    const { page } = phone;
    for (const [query, wait] of [
      ["place=tuning", ".pick-list li"],
      ["place=tuning&item=web", ".cm-content"],
      ["place=rules", ".use-table tbody tr"],
      ["place=readiness&item=web", ".plan"],
    ] as const) {
      await page.goto(`${server.url}/?${query}`);
      await page.locator(wait).first().waitFor();
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
      expect(
        await page.locator(".main").evaluate((main) => main.scrollWidth <= main.clientWidth),
      ).toBe(true);
    }
    expect((await page.locator(".rail").boundingBox())?.y).toBeGreaterThan(750);
    await page.goto(`${server.url}/?place=tuning&item=web`);
    await page.locator(".cm-line", { hasText: "port: 8443" }).click();
    await page.keyboard.press("End");
    await page.keyboard.type("1");
    await page.locator("h1", { hasText: "1 connection would be denied" }).waitFor();
    expect(await phone.problems()).toEqual([]);
    await phone.context.close();
  });

  it.each(["light", "dark"] as const)(
    "every text has a contrast of 4.5 or more (%s)",
    async (theme) => {
      const { page } = watched;
      await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
      for (const [query, wait] of [
        ["place=tuning", ".pick-list .stage"],
        ["place=tuning&item=web&show=in:e-prom", ".map-label"],
        ["place=rules", ".use-table tbody tr"],
        ["place=readiness&item=web", ".plan"],
      ] as const) {
        await open(query);
        await page.locator(wait).first().waitFor();
        const all = await contrasts(page);
        expect(all.length).toBeGreaterThan(20);
        expect(all.filter(({ ratio }) => ratio < 4.5)).toEqual([]);
      }
      // The kit does not look into the shadow: its inks are those of the page.
      await open("place=tuning&item=web");
      await editor().waitFor();
      const inks = await editor().evaluate((own) => {
        const page = getComputedStyle(document.body);
        const all = [...own.querySelectorAll("span"), own];
        const probe = document.createElement("p");
        document.body.append(probe);
        const allowed = ["--text", "--dim"].map((name) => {
          probe.style.color = page.getPropertyValue(name);
          return getComputedStyle(probe).color;
        });
        probe.remove();
        return { all: [...new Set(all.map((one) => getComputedStyle(one).color))], allowed };
      });
      expect(inks.allowed).toEqual(expect.arrayContaining(inks.all));
      expect(inks.all.length).toBe(2);
    },
  );
});
