import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchBrowser, openPage } from "../kit/browser.js";
import type { Watched } from "../kit/browser.js";
import { cleanUp, dashboardUrl, runCli, scratchDir, startCli } from "../kit/run-cli.js";
import type { Cli } from "../kit/run-cli.js";

/** The filter line over the running product with a simulated cluster: what is offered, what it finds, what is kept. */
describe("the filter language on the page and in the terminal", () => {
  const data = join(scratchDir("filters"), "data");
  const patient = { timeout: 60_000 };
  const phone = { viewport: { width: 390, height: 844 } };
  let browser: Browser;
  let up: Cli;
  let url: string;
  let watched: Watched;
  let page: Page;

  const start = (port: string): Cli =>
    startCli(
      [
        `up --port ${port} --engine-memory 1GiB --seed filters`,
        // One that goes on and on, beside one of its own kind.
        "--incidents egress-without-dns explicit-deny --data",
      ]
        .join(" ")
        .split(" ")
        .concat(data),
    );
  const line = (): Promise<string> => page.locator("#filter").inputValue();
  const inUrl = (): string => new URL(page.url()).searchParams.get("filter") ?? "";
  const options = (): Promise<string[]> => page.locator(".suggest li > .mono").allInnerTexts();
  const go = async (filter: string, place = "live"): Promise<void> => {
    await page.goto(`${url}/?place=${place}&filter=${encodeURIComponent(filter)}`);
  };

  beforeAll(async () => {
    up = start("0");
    [browser, url] = await Promise.all([launchBrowser(), dashboardUrl(up)]);
    watched = await openPage(browser, url, {
      expected: /WebSocket connection|ERR_CONNECTION|status of 400/,
    });
    page = watched.page;
    await page.goto(url);
    await page.locator(".problem").first().waitFor(patient);
  });
  afterAll(async () => {
    await browser?.close();
    await up?.stop();
    await cleanUp();
  });

  it("offers from the store what fits, by keyboard: names, labels, policies, ports, problems", async () => {
    await go("");
    const ask = async (text: string): Promise<string[]> => {
      await page.locator("#filter").fill(text);
      await expect.poll(options, patient).not.toEqual([]);
      // The first list is what the page knows by itself.
      await page.waitForTimeout(600);
      return options();
    };
    expect(await ask("--namespace ")).toContain("web");
    expect(await ask("--to-fqdn ")).not.toEqual([]);
    expect(await ask("--label k8s:app=check")).toContain("k8s:app=checkout");
    expect(await ask("--policy egress")).toContain("web/checkout-egress");
    expect(await ask("--to-port ")).toContain("53");
    await ask("--drop-reason-desc ");
    await expect.poll(async () => (await options())[0], patient).toBe("POLICY_DENIED");
    await ask("--problem checkout");
    expect(await page.locator(".suggest-note").first().textContent()).toMatch(/web\/checkout →/);
    await page.locator("#filter").fill("--workload chec");
    await page.getByRole("option", { name: "checkout" }).waitFor(patient);
    await page.locator("#filter").press("Tab");
    expect(await line()).toBe("--workload checkout ");
    await page.keyboard.press("Enter");
    await expect.poll(inUrl).toBe("--workload checkout");
  });

  it("a problem's flows are exactly those of --problem, live too, and the terminal says the same", async () => {
    await page.goto(url);
    const row = page.locator(".problem", { hasText: "web/checkout → kube-system/coredns" }).first();
    await row.waitFor(patient);
    await row.locator(".problem-link").click();
    await expect.poll(() => new URL(page.url()).searchParams.get("item")).toMatch(/^[0-9a-f]{16}$/);
    const id = new URL(page.url()).searchParams.get("item") ?? "";
    await go(`--problem ${id}`);
    const rows = page.locator(".grid-row");
    await rows.first().waitFor(patient);
    const peers = async (): Promise<string[]> => [
      ...new Set(await page.locator(".grid-row .c-verdict").allInnerTexts()),
    ];
    expect(await peers()).toEqual(["Dropped"]);
    // It goes on: new drops appear once they are explained.
    const newest = (): Promise<string | null> => rows.first().locator(".c-time").textContent();
    const before = await newest();
    await expect.poll(newest, patient).not.toBe(before);
    // What is older than this has landed and is explained, or will be in a moment.
    const until = new Date(Date.now() - 5_000).toISOString();
    const lines = async (...words: string[]): Promise<number> => {
      const all = ["observe", "--data", data, "--until", until, ...words];
      const { out, err } = await runCli(all);
      expect(err).toBe("");
      return out.split("\n").filter((one) => one !== "" && !one.includes("EVENTS LOST")).length;
    };
    await expect
      .poll(() => lines("--problem", id, "--verdict", "DROPPED"), patient)
      .toBeGreaterThan(3);
    expect(await lines("--problem", id, "--verdict", "FORWARDED")).toBe(0);
    const left = async (): Promise<number> =>
      (await lines("--verdict", "DROPPED")) -
      (await lines("--problem", id)) -
      (await lines("--not", "--problem", id, "--verdict", "DROPPED"));
    await expect.poll(left, patient).toBe(0);
  });

  it("--policy finds drops that name no policy, because the explanation does", async () => {
    await go("--policy web/checkout-egress --verdict DROPPED");
    await page.locator(".grid-row").first().waitFor(patient);
    expect(await page.locator(".chip").first().innerText()).toContain("web/checkout-egress");
  });

  it("an error points at the word, with the same words as in the terminal", async () => {
    const bad = "--verdict DROPPED --label 'app in (web'";
    await go("");
    await page.locator("#filter").fill(bad);
    await page.keyboard.press("Enter");
    const error = page.getByRole("alert");
    await error.waitFor(patient);
    expect(await page.locator(".filter-ghost mark").textContent()).toBe("(");
    const { err, code } = await runCli([
      "observe",
      "--verdict",
      "DROPPED",
      "--label",
      "app in (web",
    ]);
    expect(code).toBe(2);
    const [said = "", shown = "", mark = ""] = err.split("\n");
    expect(await error.textContent()).toContain(said.replace("dropscope: ", ""));
    expect(shown[mark.indexOf("^")]).toBe("(");
    // Of the list of problems, a flag that it cannot answer.
    await go("checkout --label app=web", "problems");
    await error.waitFor(patient);
    expect(await page.locator(".filter-ghost mark").textContent()).toBe("--label app=web");
  });

  it("a view is saved, found again after a reload and a restart, and used by observe --view", async () => {
    await go("--namespace web --verdict DROPPED");
    await page.getByRole("button", { name: "1 h", exact: true }).click();
    await page.getByRole("button", { name: "Saved views" }).click();
    const panel = page.getByRole("dialog", { name: "Saved views" });
    await panel.getByText("None yet.").waitFor(patient);
    await panel.getByLabel(/^Save this view/).fill("drops of web");
    await page.keyboard.press("Enter");
    await panel.locator(".saved-row.on").waitFor(patient);
    expect(await panel.locator(".saved-row").innerText()).toContain("Live, last 1 h");
    await page.keyboard.press("Escape");

    await page.goto(url);
    await page.getByRole("button", { name: "Saved views" }).click();
    await panel.getByRole("button", { name: /^drops of web/ }).click();
    await expect.poll(line).toBe("--namespace web --verdict DROPPED");
    expect(new URL(page.url()).searchParams.get("range")).toBe("1h");
    expect(new URL(page.url()).searchParams.get("place")).toBe("live");

    const { port } = new URL(url);
    await up.stop();
    up = start(port);
    await dashboardUrl(up);
    const { code, out } = await runCli(["observe", "--data", data, "--view", "drops of web"]);
    expect(code).toBe(0);
    // Losses pass every filter.
    const printed = out.split("\n").filter((one) => one !== "" && !one.includes("EVENTS LOST"));
    expect(printed.length).toBeGreaterThan(3);
    expect(printed.filter((one) => !/DROPPED|DENIED/.test(one) || !/web\//.test(one))).toEqual([]);

    await page.goto(url);
    await page.getByRole("button", { name: "Saved views" }).click();
    await panel.getByRole("button", { name: "Delete drops of web" }).click();
    await panel.getByText("None yet.").waitFor(patient);
    await page.keyboard.press("Escape");
    const gone = await runCli(["observe", "--data", data, "--view", "drops of web"]);
    expect([gone.code, gone.err]).toEqual([2, expect.stringContaining("VIEW_NOT_FOUND")]);
  });

  it("works on a phone", async () => {
    const small = await openPage(browser, url, phone);
    await small.page.goto(
      `${url}/?place=live&filter=${encodeURIComponent("--not --namespace kube-system --verdict DROPPED --label 'app in (checkout, frontend)'")}`,
    );
    await small.page.locator(".chip.not").waitFor(patient);
    const wide = (): Promise<number> =>
      small.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(await wide()).toBeLessThanOrEqual(0);
    await small.page.getByRole("button", { name: "Saved views" }).click();
    const box = await small.page.getByRole("dialog", { name: "Saved views" }).boundingBox();
    expect(box?.x ?? -1).toBeGreaterThanOrEqual(0);
    expect((box?.x ?? 0) + (box?.width ?? 999)).toBeLessThanOrEqual(390);
    await small.page.keyboard.press("Escape");
    // A long line is brought to the word that is wrong.
    await small.page
      .locator("#filter")
      .fill("--verdict DROPPED --to-port x --namespace kube-system --protocol tcp --verdict ERROR");
    await small.page.keyboard.press("Enter");
    const mark = small.page.locator(".filter-ghost mark");
    await mark.waitFor(patient);
    const [word, field] = await Promise.all([
      mark.boundingBox(),
      small.page.locator("#filter").boundingBox(),
    ]);
    expect(word?.x ?? 0).toBeGreaterThanOrEqual(field?.x ?? 999);
    expect(word?.x ?? 999).toBeLessThan((field?.x ?? 0) + (field?.width ?? 0));
    expect(await small.problems()).toEqual([]);
    await small.context.close();
    expect(await watched.problems()).toEqual([]);
  });
});
