// The command as a few files: Node takes 0.9 s of CPU to find and load the 1,900 modules of `up` one by one,
// and a third of that to load them bundled. What is started by its file name (threads, the engine's
// process) is an entry with that name, beside the others: `new URL("./…", import.meta.url)` finds it in either form.
import { fileURLToPath } from "node:url";
import { defineConfig } from "rolldown";

const packages = new URL("..", import.meta.url);
const entry = (path) => fileURLToPath(new URL(path, packages));

export default defineConfig({
  input: {
    main: entry("cli/dist/main.js"),
    "engine-main": entry("store/dist/engine/engine-main.js"),
    worker: entry("ingester/dist/worker.js"),
    "lint-worker": entry("dashboard/dist/policies/lint-worker.js"),
    "tuning-worker": entry("dashboard/dist/tuning/tuning-worker.js"),
  },
  platform: "node",
  // A native library, which it finds by its own place.
  external: ["chdb"],
  output: { dir: fileURLToPath(new URL("bundle", import.meta.url)), format: "esm", cleanDir: true },
});
