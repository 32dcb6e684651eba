import { childPath } from "../source/path.js";
import type { Path } from "./rule.js";

/** As places write it: `spec.ingress[0].from`. */
export function pathText(path: Path): string {
  let text = "";
  for (const part of path) text = childPath(text, part);
  return text;
}
