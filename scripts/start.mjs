// `npm start [-- flags]`: install and build when needed, then `dropscope up` with the flags.
import { spawn } from "node:child_process";
import { LEAN_ENV, LEAN_FLAGS } from "./memory.mjs";
import { checkNode, ensureBuilt, ensureInstalled, root } from "./prepare.mjs";

checkNode();
ensureInstalled();
ensureBuilt();

const child = spawn(
  process.execPath,
  [...LEAN_FLAGS, `${root}packages/cli/bin/dropscope.mjs`, "up", ...process.argv.slice(2)],
  { stdio: "inherit", env: { ...LEAN_ENV, ...process.env } },
);
// A terminal sends Ctrl-C to the whole group; a supervisor signals only us.
for (const signal of ["SIGINT", "SIGTERM"])
  process.on(signal, () => {
    if (signal === "SIGTERM" || !process.stdin.isTTY) child.kill(signal);
  });
child.on("exit", (code, signal) => {
  process.exitCode = signal === null ? (code ?? 1) : 1;
});
