import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { dropAt, serveDashboard, type ServedDashboard } from "@dropscope/dashboard/testing";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { Browser } from "playwright-core";
import { chromiumPath, launchBrowser, openPage } from "../kit/browser.js";

const webDir = fileURLToPath(new URL("../../packages/web/dist", import.meta.url));
const built = existsSync(`${webDir}/index.html`);
const hasBrowser = (() => {
  try {
    return chromiumPath() !== "";
  } catch {
    return false;
  }
})();

/** The built page on the real server: what the page's own tests, on a stand-in, cannot see. */
describe.skipIf(process.env["CI"] !== "true" && !(built && hasBrowser))("the page", () => {
  let served: ServedDashboard;
  let browser: Browser;
  beforeAll(async () => {
    expect(built, "packages/web is not built: npm run build").toBe(true);
    served = await serveDashboard({ webDir });
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await served?.close();
  });

  test("S7: loads, goes live and asks for history without breaking the policy", async () => {
    // Names that no workload's pod has, so that they are shown as they are.
    const dropOf = (pod: string, at: number) =>
      dropAt(at, { source: { namespace: "web", pod_name: pod } });
    served.reader.land([dropOf("standalone", Date.now() - 2_000)]);
    const watched = await openPage(browser, served.url);
    const { page, context } = watched;
    await page.goto(`${served.url}/?place=live`);
    await vi.waitFor(async () => expect(await page.content()).toContain("standalone"), {
      timeout: 15_000,
      interval: 200,
    });
    served.reader.land([dropOf("latecomer", Date.now())]);
    await vi.waitFor(async () => expect(await page.content()).toContain("latecomer"), {
      timeout: 10_000,
      interval: 200,
    });
    expect(await watched.problems()).toEqual([]);
    await context.close();
  });

  test("S11: a page of another port of this machine gets no data and no socket", async () => {
    const other = await serveDashboard();
    const context = await browser.newContext();
    const page = await context.newPage();
    // A bare page without a policy of its own.
    await page.route(`${other.url}/`, (route) =>
      route.fulfill({ contentType: "text/html", body: "<title>other</title>" }),
    );
    await page.goto(`${other.url}/`);
    const got = await page.evaluate(async (url) => {
      const answer = await fetch(`${url}/api/v1/flows`).then(
        () => "data",
        () => "refused",
      );
      const blind = await fetch(`${url}/api/v1/flows`, { mode: "no-cors" }).then(
        () => "blind",
        () => "refused",
      );
      const socket = await new Promise((resolve) => {
        const live = new WebSocket(
          `${url.replace("http", "ws")}/socket.io/?EIO=4&transport=websocket`,
        );
        live.addEventListener("open", () => resolve("open"));
        live.addEventListener("error", () => resolve("refused"));
      });
      return { answer, blind, socket };
    }, served.url);
    expect(got).toEqual({ answer: "refused", blind: "refused", socket: "refused" });
    await context.close();
    await other.close();
  });
});
