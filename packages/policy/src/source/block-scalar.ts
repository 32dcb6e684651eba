/** What becomes of the line breaks at the end. */
export type Chomping = "strip" | "clip" | "keep";

/** The text of a block scalar, of its lines without their indentation. */
export function joinBlock(lines: readonly string[], folded: boolean, chomping: Chomping): string {
  let kept = lines.length;
  while (kept > 0 && lines[kept - 1] === "") kept--;
  const content = lines.slice(0, kept);
  const body = folded ? fold(content) : content.join("\n");
  if (chomping === "strip") return body;
  if (chomping === "keep") return body + "\n".repeat(lines.length - kept + (kept > 0 ? 1 : 0));
  return kept > 0 ? `${body}\n` : "";
}

/**
 * A line break between two lines is a blank, and of n empty lines between them n
 * line breaks stay. Lines that stand deeper keep the breaks around them.
 */
function fold(lines: readonly string[]): string {
  let text = "";
  let breaks = 0;
  let previousDeeper = false;
  lines.forEach((line, index) => {
    if (index > 0) breaks++;
    if (line === "") return;
    const deeper = line.startsWith(" ") || line.startsWith("\t");
    if (breaks > 0) {
      const first = text === "";
      if (first) text += "\n".repeat(breaks);
      else if (deeper || previousDeeper) text += "\n".repeat(breaks);
      else text += breaks === 1 ? " " : "\n".repeat(breaks - 1);
    }
    text += line;
    breaks = 0;
    previousDeeper = deeper;
  });
  return text;
}
