import type { IngesterStatus } from "@dropscope/ingester";
import type { Clock, Part } from "@dropscope/model";
import type { Logger } from "pino";

const LOOK_MS = 500;

/**
 * Writes every change of the source's state to the log, with its code and what to do: a process
 * without a page must be able to say why nothing arrives. The same trouble is said once.
 */
export function createSourceLog(
  status: () => IngesterStatus | undefined,
  logger: Pick<Logger, "info" | "warn">,
  clock: Clock,
): Part {
  let cancel: () => void = () => undefined;
  let said = "";

  function look(): void {
    const now = status();
    if (now && now.state !== "starting") say(now);
    cancel = clock.after(LOOK_MS, look);
  }

  function say({ state, code, message, next, address, version }: IngesterStatus): void {
    const what = `${state} ${code ?? ""}`;
    if (what === said) return;
    said = what;
    if (state === "ok") logger.info({ address, version }, "flows are read");
    else logger.warn({ code, address, next }, message);
  }

  return {
    start() {
      look();
      return Promise.resolve();
    },
    stop() {
      cancel();
      return Promise.resolve();
    },
  };
}

/** The trouble of a source in one line: what it is, what to do, and its code. */
export function troubleText({ state, code, message, next }: IngesterStatus): string {
  if (state === "ok" || state === "starting") return message;
  return [message, next, code && `[${code}]`].filter(Boolean).join(" ");
}
