import type { RegexCompiler } from "@dropscope/model";
import { RE2JS } from "re2js";

/** User expressions run in linear time; JavaScript's own engine could be made to hang. */
export const re2: RegexCompiler = (pattern) => {
  const compiled = RE2JS.compile(pattern);
  return { test: (text) => compiled.matcher(text).find() };
};
