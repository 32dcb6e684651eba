/** A real Chromium for the tests, and the watch over what the page does in it. */
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { chromium } from "playwright-core";
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/** CHROMIUM_PATH, or a browser in the usual places. Throws when there is none: a browser test that does not run proves nothing. */
export function chromiumPath(): string {
  const asked = process.env["CHROMIUM_PATH"];
  if (asked) {
    if (existsSync(asked)) return asked;
    throw new Error(`CHROMIUM_PATH is ${asked}, and nothing is there.`);
  }
  const folders = ["/usr/bin", ...(process.env["PATH"] ?? "").split(delimiter)];
  for (const name of NAMES) {
    for (const folder of folders) {
      const path = join(folder, name);
      if (existsSync(path)) return path;
    }
  }
  throw new Error("No Chromium found. Install one, or set CHROMIUM_PATH to its file.");
}

export async function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumPath(),
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** A page under watch. `problems` must be empty at the end of every test. */
export interface Watched {
  page: Page;
  context: BrowserContext;
  /** CSP violations, page errors, console errors, requests to other hosts, and signs of foreign script. */
  problems: () => Promise<string[]>;
}

/** Opens a page of `origin`. Messages that match `expected` (a refused socket, a 503) are not problems. */
export async function openPage(
  browser: Browser,
  origin: string,
  options: BrowserContextOptions & { expected?: RegExp } = {},
): Promise<Watched> {
  const { expected, ...rest } = options;
  // What moves for its own sake costs a software renderer as much as what it is about.
  const usual = { viewport: { width: 1440, height: 900 }, reducedMotion: "reduce" } as const;
  const context = await browser.newContext({ ...usual, ...rest });
  const page = await context.newPage();
  const found: string[] = [];
  const note = (text: string): void => {
    if (!expected?.test(text)) found.push(text);
  };
  await page.addInitScript(() => {
    const kept: string[] = [];
    Object.assign(globalThis, { __violations: kept });
    document.addEventListener("securitypolicyviolation", (event) => {
      kept.push(
        `CSP ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`,
      );
    });
  });
  page.on("pageerror", (error) => note(`page error: ${error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error") note(`console: ${message.text()}`);
  });
  const own = new URL(origin).host;
  const check = (address: string): void => {
    const url = new URL(address);
    if (url.host !== own && url.protocol !== "data:" && url.protocol !== "blob:")
      note(`request to ${url.host}`);
  };
  page.on("request", (request) => check(request.url()));
  page.on("websocket", (socket) => check(socket.url()));
  return {
    page,
    context,
    async problems() {
      const inside = await page.evaluate(() => {
        const all = globalThis as unknown as { __violations?: string[]; __pwned?: unknown };
        return [
          ...(all.__violations ?? []),
          ...(all.__pwned === undefined ? [] : ["foreign script ran"]),
        ];
      });
      return [...found, ...inside];
    },
  };
}
