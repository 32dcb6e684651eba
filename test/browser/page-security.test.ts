import { readdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { fileURLToPath } from "node:url";
import type { Edge, FlowDetail, FlowRow } from "@dropscope/model";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchBrowser, openPage } from "../kit/browser.js";
import { startMockDashboard } from "../kit/mock-dashboard.js";

const PAYLOADS = [
  `<img src=x onerror="globalThis.__pwned=1">`,
  `<script>globalThis.__pwned=1</script>`,
  `"><svg onload=globalThis.__pwned=1>`,
  `javascript:globalThis.__pwned=1`,
  `</title><script>globalThis.__pwned=1</script>`,
  `{{constructor.constructor('globalThis.__pwned=1')()}}`,
  `\u202Egnp.exe\u202C`,
  `a\u200Bb\u2066c\u0000d\u001B[31m`,
  `__proto__`,
  `x`.repeat(3000),
  `'; DROP TABLE flows; --`,
  `&lt;b&gt;<b>bold</b>`,
];

/** Puts the payload into every string of a value. */
function poison<Value>(value: Value, payload: string, keep: ReadonlySet<string>): Value {
  if (typeof value === "string") return payload as Value;
  if (Array.isArray(value))
    return value.map((each: unknown) => poison(each, payload, keep)) as Value;
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, each]) => [
        key,
        keep.has(key) ? each : poison(each, payload, keep),
      ]),
    ) as Value;
  }
  return value;
}

/** What the page needs to be what it is; everything else is a stranger's text. */
const KEEP = new Set(["uuid", "timeNs", "kind", "reply", "id", "state"]);

describe("S7, S8: the page runs nothing but its own files", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());

  it("S7: every panel under the strict policy: no violation, no request to another host", async () => {
    const server = await startMockDashboard({ auto: true, seed: 2 });
    const { page, problems, context } = await openPage(browser, server.url);
    await page.goto(server.url);
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
    await page.goto(server.url);
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

  it.each(PAYLOADS.map((payload, index) => [index, payload] as const))(
    "S8: hostile text %d cannot run, reorder or add an element",
    async (_, payload) => {
      const server = await startMockDashboard({ seed: 3 });
      const rows = Array.from({ length: 5 }, (_, index) => server.row(Date.now() - index, true));
      const bad = rows.map((row): FlowRow => poison(row, payload, KEEP));
      const edge: Edge = poison(
        {
          id: "e",
          source: rows[0]!.source,
          destination: rows[0]!.destination,
          protocol: "TCP",
          port: 1,
          direction: "INGRESS",
          verdict: "DROPPED",
          reason: "X",
          count: 1,
          rate: 1,
          firstSeen: 1,
          lastSeen: Date.now(),
        },
        payload,
        KEEP,
      );
      server.state.rows = bad;
      server.state.edges = [edge];
      server.state.coverage = poison(
        { ...server.state.coverage, nodes: { connected: 0, total: 1, unavailable: ["x"] } },
        payload,
        KEEP,
      );
      server.state.coverage.store.state = "degraded";
      server.state.gaps = [
        { time: new Date().toISOString(), node: payload, cause: payload as never, count: 3 },
      ];
      server.state.detail = (detail): FlowDetail => ({
        ...poison(
          { ...detail, flow: { ...detail.flow, policy_log: ["x"], interface: { name: "x" } } },
          payload,
          KEEP,
        ),
        row: { ...bad[0]!, uuid: detail.row.uuid, timeNs: detail.row.timeNs },
      });
      const { page, problems, context } = await openPage(browser, server.url);
      const filter = encodeURIComponent(payload.slice(0, 500));
      await page.goto(`${server.url}/?flow=${rows[0]!.uuid}&code=${filter}#${filter}`);
      await page.locator(".drawer h3").first().waitFor();
      await page.locator("summary", { hasText: "Raw JSON" }).click();
      await page.locator("button.cover").click();
      server.frame({ drops: [[Date.now(), payload, 4]], flows: bad.slice(0, 1) });
      await page.locator("#filter").fill(payload);
      await page.keyboard.press("Enter");
      await page.locator(".chart").hover();
      await page.waitForTimeout(150);
      const found = await page.evaluate(() => ({
        foreign: document.querySelectorAll(
          "#app script, #app img:not(.brand img), #app b > b, #app iframe, #app [onerror], #app [onload]",
        ).length,
        // Where, so that a failure says what to mend.
        hidden: [...document.querySelectorAll("*")]
          .flatMap((each) => [...each.childNodes].map((node) => ({ each, node })))
          .filter(({ node }) => node.nodeType === Node.TEXT_NODE)
          .filter(({ node }) =>
            /[\u202A-\u202E\u2066-\u2069\u200B\u007F]/.test(node.textContent ?? ""),
          )
          .map(({ each }) => `${each.tagName} ${each.className}`),
        titles: [...document.querySelectorAll("[title]")].some((each) =>
          /[\u202A-\u202E\u2066-\u2069\u200B]/.test(each.getAttribute("title") ?? ""),
        ),
        wide: document.documentElement.scrollWidth > innerWidth,
      }));
      expect(found).toEqual({ foreign: 0, hidden: [], titles: false, wide: false });
      expect(await problems()).toEqual([]);
      await context.close();
      await server.close();
    },
  );

  it("the bundle is under 250 kB gzipped, makes no code from strings and loads nothing from elsewhere", () => {
    const assets = fileURLToPath(new URL("../../packages/web/dist/assets/", import.meta.url));
    const files = readdirSync(assets).map((name) => readFileSync(assets + name));
    const total = files.reduce((sum, file) => sum + gzipSync(file).length, 0);
    expect(total).toBeLessThan(250_000);
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
