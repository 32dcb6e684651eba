import { Option } from "commander";

/** Settings of other groups that commands about observed traffic take. */
export const TUNING_SETTINGS = ["policies", "cluster-name", "profile"] as const;

/** Which traffic is looked at: of the store, or of a file. */
export function trafficOptions(): Option[] {
  return [
    new Option(
      "--flows <FILE>",
      "traffic of a file instead of the store, in every format that import reads; - is standard input. Policies are then those of --policies",
    ),
    new Option(
      "--since <TIME>",
      "beginning of the range: a moment, or an age (default: 7d; with --flows all of the file)",
    ),
    new Option("--until <TIME>", "its end (default: now; with --flows the end of the file)"),
    new Option("-n, --namespace <NS>", "only what has to do with the namespace"),
  ];
}

export function outputOption(): Option {
  return new Option("-o, --output <FORMAT>", "output format")
    .choices(["text", "json"])
    .default("text");
}
