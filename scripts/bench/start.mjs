// `npm start` on an installed and built checkout, to the first drop on the page in a real browser.
import { spawn } from "node:child_process";
import { chromium } from "playwright-core";
import { ensureChromium } from "../chromium.mjs";
import { root } from "../prepare.mjs";
import { percentile } from "./machine.mjs";
import { tempFolder } from "./product.mjs";

const rounds = Number(process.env.BENCH_ROUNDS ?? 3);
const { path, missing } = ensureChromium();
if (!path) {
  process.stdout.write(`no Chromium: ${missing}\n`);
  process.exit(0);
}
const browser = await chromium.launch({
  executablePath: path,
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
const ready = [];
const drop = [];
for (let round = 0; round < rounds; round += 1) {
  const started = performance.now();
  const child = spawn(
    "npm",
    ["start", "--silent", "--", "--data", tempFolder(), "--port", "0", "--log-level", "error"],
    {
      cwd: root,
      stdio: ["ignore", "pipe", "inherit"],
      detached: true,
    },
  );
  const url = await new Promise((resolve) => {
    let text = "";
    child.stdout.on("data", (chunk) => {
      text += chunk;
      const found = /ready: (\S+)/.exec(text);
      if (found) resolve(found[1]);
    });
  });
  ready.push(performance.now() - started);
  const page = await browser.newPage();
  // The flows are on the Live page; the one that opens by itself shows problems.
  await page.goto(new URL("?place=live", url).href);
  await page.waitForFunction(
    () => /\d[\d,]* drops? in the last/.test(document.body.innerText),
    undefined,
    { timeout: 60_000, polling: 50 },
  );
  drop.push(performance.now() - started);
  await page.close();
  process.kill(-(child.pid ?? 0), "SIGTERM");
  await new Promise((resolve) => {
    child.once("exit", resolve);
  });
}
await browser.close();
const median = (values) => `${(percentile(values, 0.5) / 1000).toFixed(1)} s (median of ${rounds})`;
process.stdout.write(`${"npm start to the address".padEnd(46)} ${median(ready)}\n`);
process.stdout.write(`${"npm start to the first drop on the page".padEnd(46)} ${median(drop)}\n`);
process.exit(0);
