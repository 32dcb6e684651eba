import { cleanText } from "@dropscope/model";

/** Foreign text in Markdown: every sign that could mean something is escaped, line breaks and tricks are shown. */
export function md(text: string): string {
  return cleanText(text, 600)
    .replace(/[\\`*_{}[\]<>()#+!|~$@]/g, String.raw`\$&`)
    .replace(/^(\s*)(\d+)([.)])/, String.raw`$1$2\$3`)
    .replace(/^(\s*)([-=])/, String.raw`$1\$2`)
    .replaceAll(/https?:\/\//gi, (scheme) => scheme.replace(":", "&#58;"));
}

/** Foreign text as code: in a table too. */
export function code(text: string): string {
  const shown = cleanText(text, 600).replaceAll("|", "¦");
  if (shown === "") return "";
  const longest = Math.max(0, ...[...shown.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const ticks = "`".repeat(longest + 1);
  const pad = shown.startsWith("`") || shown.endsWith("`") ? " " : "";
  return `${ticks}${pad}${shown}${pad}${ticks}`;
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)];
}
