import pino, { type Logger } from "pino";
import pretty from "pino-pretty";
import type { Config } from "./config/settings.js";

/** Logs go to standard error, so that standard output stays data. */
export function createLogger(config: Pick<Config, "log-level" | "log-format">): Logger {
  const text =
    config["log-format"] === "text" || (config["log-format"] === "auto" && process.stderr.isTTY);
  const options = {
    level: config["log-level"],
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: ["password", "*.password", "authorization"], censor: "[secret]" },
  };
  if (!text) return pino(options, pino.destination({ dest: 2, sync: true }));
  return pino(
    options,
    pretty({ destination: 2, sync: true, ignore: "pid,hostname", translateTime: "SYS:HH:MM:ss" }),
  );
}

/** For commands whose output is data: the usual progress lines would only be in the way. */
export function createQuietLogger(config: Pick<Config, "log-level" | "log-format">): Logger {
  return createLogger({
    ...config,
    "log-level": config["log-level"] === "info" ? "warn" : config["log-level"],
  });
}
