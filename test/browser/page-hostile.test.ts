import type { Coverage, Edge, FlowDetail, FlowRow, GapCause } from "@dropscope/model";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchBrowser, openPage } from "../kit/browser.js";
import type { Watched } from "../kit/browser.js";
import { HOSTILE_TEXTS, poison } from "../kit/hostile-texts.js";
import { startMockDashboard } from "../kit/mock-dashboard.js";
import type { MockDashboard } from "../kit/mock-dashboard.js";
import { shopMap } from "../kit/mock-map.js";
import { mockPolicies } from "../kit/mock-policies.js";
import { mockReadiness, mockReplay, mockRules, mockSuggestion } from "../kit/mock-tuning.js";

/** What the page needs to be what it is; everything else is a stranger's text. */
const KEEP = new Set(["uuid", "timeNs", "kind", "reply", "id", "state"]);

/** Words of tuning's answers that the page chooses by. */
const TUNING_WORDS =
  "change direction outcome pattern confidence action severity stage dns cause time".split(" ");

/** Installed in the page: what a hostile text has achieved. */
function installLook(): void {
  const hidden = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;
  const mine = /^(?:\.?\/|\?|#|$)/;
  Object.assign(globalThis, {
    __look: (): string[] => {
      const found: string[] = [];
      if ("__pwned" in globalThis) found.push("foreign script ran");
      const foreign =
        "script, iframe, object, embed, base, form[action], style, math, marquee, noscript, " +
        "img:not(.brand img), video, audio, template, [onerror], [onload], [onfocus], [ontoggle]";
      for (const each of document.querySelectorAll(
        `#app :is(${foreign}), body > :not(#app, noscript, script[src])`,
      ))
        found.push(`element ${each.outerHTML}`);
      const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        // Line breaks of the raw JSON are the page's own.
        const text = (node.textContent ?? "").replaceAll("\n", "");
        if (hidden.test(text)) found.push(`text in ${node.parentElement?.className}: ${text}`);
      }
      for (const each of document.querySelectorAll("[title], [aria-label], [href]")) {
        for (const name of ["title", "aria-label", "data-full"]) {
          if (hidden.test(each.getAttribute(name) ?? ""))
            found.push(`${name} of ${each.className}`);
        }
        const link = each.getAttribute("href");
        if (each instanceof HTMLAnchorElement && link !== null && !mine.test(link))
          found.push(`link ${link}`);
      }
      if (hidden.test(document.title)) found.push("document title");
      if (document.documentElement.scrollWidth > innerWidth) found.push("wider than the window");
      if (({} as Record<string, unknown>)["polluted"] !== undefined) found.push("prototype");
      return found.slice(0, 5);
    },
  });
}

const look = (page: Page): Promise<string[]> =>
  page.evaluate(() => (globalThis as unknown as { __look: () => string[] }).__look());

function edgeOf(row: FlowRow, text: string, count: number): Edge {
  const edge: Edge = {
    id: `edge ${count}`,
    source: row.source,
    destination: row.destination,
    protocol: "TCP",
    port: 1,
    direction: "INGRESS",
    verdict: "DROPPED",
    reason: "X",
    count,
    rate: 1,
    firstSeen: 1,
    lastSeen: Date.now() - 1000 + count,
  };
  return poison(edge, () => text, KEEP);
}

/** Groups of texts, joined where a place has room for several. */
function groups(size: number): string[] {
  const all: string[] = [];
  const short = HOSTILE_TEXTS.filter((text) => text.length < 90);
  for (let at = 0; at < short.length; at += size) all.push(short.slice(at, at + size).join(" "));
  return [...all, ...HOSTILE_TEXTS.filter((text) => text.length >= 90)];
}

describe(`S8: ${HOSTILE_TEXTS.length} hostile texts in every field cannot run, hide, reorder or add an element`, () => {
  let browser: Browser;
  let server: MockDashboard;
  let watched: Watched;
  let page: Page;
  let rows: FlowRow[];

  beforeAll(async () => {
    browser = await launchBrowser();
    server = await startMockDashboard({ seed: 3, flowsPerSecond: 0, dropsPerSecond: 0 });
    // Every text is the whole of every field of one row and of one edge.
    rows = HOSTILE_TEXTS.map((text, index) =>
      poison(server.row(Date.now() - index, true), () => text, KEEP),
    );
    server.state.rows = rows;
    server.state.edges = rows.map((row, index) =>
      edgeOf(row, HOSTILE_TEXTS[index] ?? "", index + 1),
    );
    server.state.values = [...HOSTILE_TEXTS];
    // A text in place of a flow's id is answered with 404.
    watched = await openPage(browser, server.url, {
      expected: /status of 404/,
      permissions: ["clipboard-read", "clipboard-write"],
    });
    page = watched.page;
    await page.addInitScript(installLook);
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  it("there are enough of them, and the look finds what it looks for (negative control)", async () => {
    expect(HOSTILE_TEXTS.length).toBeGreaterThanOrEqual(200);
    await page.goto(`${server.url}/?place=live`);
    await page.locator(".grid-row").first().waitFor();
    expect(await look(page)).toEqual([]);
    await page.evaluate(() => {
      const bad = document.createElement("a");
      bad.href = "javascript:void 0";
      bad.title = "a\u202Eb";
      bad.textContent = "c\u200Bd";
      document.querySelector("#app")?.append(bad, document.createElement("marquee"));
    });
    const found = (await look(page)).join("\n");
    for (const part of ["element <marquee", "text in", "title of", "link javascript"])
      expect(found).toContain(part);
  });

  it("in all rows, edges and completions", async () => {
    await page.goto(`${server.url}/?place=live`);
    await page.getByRole("button", { name: /Show all/ }).click();
    expect(await page.locator(".edge-table tbody tr").count()).toBe(
      Math.min(HOSTILE_TEXTS.length, rows.length),
    );
    expect(await look(page)).toEqual([]);
    await page.getByRole("button", { name: /Show \d/ }).click();
    const seen = await page.evaluate(async () => {
      const all = globalThis as unknown as { __look: () => string[] };
      const box = document.querySelector(".grid-body") as HTMLElement;
      const ids = new Set<string>();
      for (let top = 0; ; top += 300) {
        box.scrollTop = top;
        await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
        for (const row of document.querySelectorAll(".grid-row")) ids.add(row.id);
        const found = all.__look();
        if (found.length > 0) return found;
        if (top > box.scrollHeight) return ids.size;
      }
    });
    expect(seen).toBe(HOSTILE_TEXTS.length);
    await page.getByRole("button", { name: "Namespaces" }).click();
    await expect.poll(() => page.locator(".names .check").count()).toBeGreaterThan(100);
    expect(await look(page)).toEqual([]);
    await page.keyboard.press("Escape");
    expect(await watched.problems()).toEqual([]);
  });

  it("as reasons, causes, nodes and messages: headline, title, chart, legend, chip and banners", async () => {
    server.state.rows = rows.slice(0, 3);
    server.state.edges = [];
    const coverage: Coverage = {
      ...server.state.coverage,
      nodes: { connected: 0, total: 1, unavailable: ["x"] },
    };
    for (const [index, text] of HOSTILE_TEXTS.entries()) {
      // A fresh page now and then: no cluster has hundreds of reasons at once.
      if (index % 40 === 0) {
        await page.goto(`${server.url}/?place=live`);
        await page.locator(".grid-row").first().waitFor();
        await page.locator("button.cover").click();
      }
      const poisoned = poison(coverage, () => text, KEEP);
      poisoned.store.state = "degraded";
      const at = Math.floor(Date.now() / 1000) * 1000;
      server.frame({
        coverage: poisoned,
        drops: [[at, text, (index + 1) * 1000]],
        edges: [edgeOf(rows[index]!, text, index)],
        verdicts: [{ verdict: text, count: 5 + index }],
        gaps: [{ time: new Date(at).toISOString(), node: text, cause: text as GapCause, count: 3 }],
      });
      // Drawn, not only received.
      await page.waitForFunction(
        (count) => document.querySelector(".verdicts .mix-row .strong")?.textContent === count,
        String(5 + index),
      );
      expect(await look(page), text).toEqual([]);
    }
    await page.keyboard.press("Escape");
    await page.locator(".chart").focus();
    for (let bar = 0; bar < 3; bar++) await page.keyboard.press("ArrowLeft");
    await page.locator(".readout").waitFor();
    expect(await look(page)).toEqual([]);
    expect(await watched.problems()).toEqual([]);
  });

  it("in everything that the drawer shows", async () => {
    const texts = groups(4);
    let at = 0;
    server.state.detail = (detail): FlowDetail => {
      const text = texts[at++ % texts.length] ?? "";
      const flow = { ...detail.flow, policy_log: ["x"], interface: { name: "x" } };
      flow.l7 ??= {
        type: "REQUEST",
        http: { method: "x", url: "x", protocol: "x", headers: [{ key: "x", value: "x" }] },
      };
      flow.ingress_denied_by = [{ name: "x", namespace: "x", kind: "x", revision: "1" }];
      const row = { ...detail.row, uuid: detail.row.uuid };
      return poison({ ...detail, flow, row }, () => text, KEEP);
    };
    server.state.rows = rows;
    await page.goto(`${server.url}/?place=live&flow=${rows[0]!.uuid}`);
    await page.locator(".drawer h3").first().waitFor();
    for (let step = 0; step < texts.length; step++) {
      const before = at;
      await page.keyboard.press(step < HOSTILE_TEXTS.length - 2 ? "j" : "k");
      await expect.poll(() => at, { interval: 10 }).toBeGreaterThan(before);
      await page.locator(".drawer:not([aria-busy=true])").waitFor();
      await page.evaluate(() => {
        for (const each of document.querySelectorAll("details")) each.open = true;
      });
      expect(await look(page), texts[(at - 1) % texts.length] ?? "").toEqual([]);
    }
    server.state.detail = undefined;
    expect(await watched.problems()).toEqual([]);
  });

  it("in the address and in the search box", async () => {
    server.state.rows = rows.slice(0, 3);
    await page.goto(`${server.url}/?place=live`);
    await page.locator(".grid-row").first().waitFor();
    // In pairs: a browser takes 200 changes of the address in ten seconds, and no more.
    const addresses = groups(2).map((text) => {
      const word = encodeURIComponent(text.replaceAll(/\p{Cs}/gu, "\ufffd"))
        .slice(0, 1800)
        .replace(/%[^%]?$/, "");
      const place = /^[\w.-]+$/.test(word) ? "help" : "overview";
      const names = ["filter", "flow", "code", "hide", "from", "range"];
      return `?place=${place}&${names.map((name) => `${name}=${word}`).join("&")}#${word}`;
    });
    expect(addresses.length).toBeLessThan(200);
    const found = await page.evaluate(async (all) => {
      const { __look } = globalThis as unknown as { __look: () => string[] };
      for (const address of all) {
        history.replaceState(null, "", address);
        if (!location.href.endsWith(address.slice(-40))) return ["not set", address];
        dispatchEvent(new PopStateEvent("popstate"));
        await new Promise((done) => setTimeout(done, 0));
        const seen = __look();
        if (seen.length > 0) return [address, ...seen];
      }
      return [];
    }, addresses);
    expect(found).toEqual([]);
    await page.goto(`${server.url}/?place=live`);
    const line = page.locator("#filter");
    for (const text of groups(3)) {
      await line.fill(text);
      await page.keyboard.press("Enter");
      expect(await look(page), text).toEqual([]);
    }
    expect(await watched.problems()).toEqual([]);
  });

  it("in what tuning proposes, replays, counts and plans, and in its editor", async () => {
    const texts = groups(5);
    let used = 0;
    const next = (): string => texts[used++ % texts.length] ?? "";
    const keep = new Set([...KEEP, ...TUNING_WORDS]);
    const asked = new URL("http://127.0.0.1/");
    const changed = { policies: "  name: cart\n  port: 9464" };
    Object.assign(server.state.answers, {
      map: () => shopMap(),
      policies: () => mockPolicies(),
      "tuning/suggestion": () => poison(mockSuggestion(asked), next, keep),
      "tuning/replay": () => poison(mockReplay(asked, changed), next, keep),
      "tuning/rules": () => poison(mockRules(), next, keep),
      "tuning/readiness": () => poison(mockReadiness(), next, keep),
    });
    for (const [query, wait] of [
      ["place=tuning", ".pick-list .stage"],
      ["place=tuning&item=web", ".replay-map .map-svg"],
      ["place=rules", ".rule-finding"],
      ["place=readiness", ".ready"],
    ] as const) {
      await page.goto(`${server.url}/?${query}`);
      await page.locator(wait).first().waitFor();
      for (const fold of await page.locator("#main summary").all()) await fold.click();
      if (query === "place=readiness") await page.locator(".ready-head").first().click();
      expect(await look(page)).toEqual([]);
      if (!query.includes("item=")) continue;
      await page.locator(".replay-row").first().waitFor();
      expect(await look(page)).toEqual([]);
      // What the editor holds is what is downloaded; what it shows has a mark for each hidden character.
      await page.locator(".cm-content").click();
      await page.keyboard.press("Control+a");
      await page.evaluate((all) => navigator.clipboard.writeText(all), texts.join("\n"));
      await page.keyboard.press("Control+v");
      await page.locator(".cm-specialChar").first().waitFor();
      const shown = await page.locator(".cm-line").allTextContents();
      expect(shown.length).toBeGreaterThan(10);
      // A tab is as wide as it is.
      const plain = shown.map((line) => line.replaceAll("\t", " "));
      expect(plain.filter((line) => /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(line))).toEqual([]);
      expect(await look(page)).toEqual([]);
    }
    expect(used).toBeGreaterThan(texts.length);
    expect(await watched.problems()).toEqual([]);
  });
});
