import { DropscopeError, EXIT } from "@dropscope/model";
import type { Invocation } from "../program.js";
import { parseMoment } from "./parse-time.js";

/**
 * `--since` and `--until` of a line.
 * @param now ms since 1970
 * @throws DropscopeError `BAD_TIME`, `BAD_RANGE` (exit 2)
 */
export function rangeOf(
  options: Invocation["options"],
  now: number,
): { readonly sinceNs?: bigint; readonly untilNs?: bigint } {
  const momentOf = (name: "since" | "until"): bigint | undefined => {
    const text = options[name] as string | undefined;
    return text === undefined ? undefined : parseMoment(text, `--${name}`, now);
  };
  const [sinceNs, untilNs] = [momentOf("since"), momentOf("until")];
  if (sinceNs !== undefined && sinceNs > (untilNs ?? BigInt(now) * 1_000_000n))
    throw new DropscopeError("BAD_RANGE", "--since is later than the end of the range.", {
      next: "Give --since and --until in order of time.",
      exitCode: EXIT.usage,
    });
  return {
    ...(sinceNs === undefined ? {} : { sinceNs }),
    ...(untilNs === undefined ? {} : { untilNs }),
  };
}
