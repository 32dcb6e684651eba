// Finds a Chromium for the browser tests. On Debian, as root, installs the
// distribution's package when there is none; elsewhere says how to get one.
import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync } from "node:fs";
import { delimiter, join } from "node:path";

const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

export function findChromium() {
  const given = process.env.CHROMIUM_PATH;
  if (given) return existsSync(given) ? given : undefined;
  for (const folder of (process.env.PATH ?? "").split(delimiter))
    for (const name of names) {
      try {
        accessSync(join(folder, name), constants.X_OK);
        return join(folder, name);
      } catch {
        // not here; look on
      }
    }
  const mac = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome";
  return existsSync(mac) ? mac : undefined;
}

/** Path of a Chromium, or a sentence that says how to get one. */
export function ensureChromium() {
  const found = findChromium();
  if (found) return { path: found };
  const debian = existsSync("/etc/debian_version");
  if (debian && process.getuid?.() === 0) {
    process.stderr.write("dropscope: installing the chromium package for the browser tests\n");
    const apt = (...args) =>
      spawnSync("apt-get", args, {
        stdio: ["ignore", "ignore", "inherit"],
        env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
      }).status === 0;
    if (
      apt("update", "-qq") &&
      apt("install", "-y", "-qq", "--no-install-recommends", "chromium")
    ) {
      const installed = findChromium();
      if (installed) return { path: installed };
    }
    return { missing: "apt-get could not install the package chromium; see its output above." };
  }
  return {
    missing: debian
      ? "Install it with `sudo apt-get install chromium`, or set CHROMIUM_PATH."
      : "Install Chromium or Chrome, or set CHROMIUM_PATH to its binary.",
  };
}
