/** Reads the table of docs/errors.md: `| code | meaning | what to do |`. */
export interface ErrorDoc {
  code: string;
  meaning: string;
  next: string;
}

export function errorDocs(markdown: string): ErrorDoc[] {
  return markdown
    .split("\n")
    .filter((line) => line.startsWith("|") && !/^\|[\s|:-]*$/.test(line))
    .map((line) => line.replace(/^\||\|\s*$/g, "").split(/(?<!\\)\|/))
    .filter((cells) => cells.length >= 3)
    .map((cells) => cells.map((cell) => cell.trim().replaceAll(/`|\\(?=\|)/g, "")))
    .map(([code = "", meaning = "", next = ""]) => ({ code, meaning, next }))
    .filter(({ code }) => /^[\w.-]+$/.test(code) && code !== "code");
}
