#!/usr/bin/env node
import { existsSync } from "node:fs";

const main = new URL("../bundle/main.js", import.meta.url);
if (!existsSync(main)) {
  process.stderr.write("dropscope is not built yet. Run `npm run build` (or `npm start`) first.\n");
  process.exit(70);
}
const { main: run } = await import(main.href);
process.exitCode = await run(process.argv.slice(2), process.env);

// Everything is stopped now. Should a handle have been forgotten, the command must end all the
// same; the timer itself keeps nothing alive.
const end = () => {
  if (process.stdout.writableLength === 0) process.exit();
  setTimeout(end, 100).unref();
};
setTimeout(end, 2000).unref();
