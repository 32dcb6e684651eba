/**
 * Text from the cluster is written by strangers. The server cleans it at the door;
 * this is the second lock: what could hide, reorder or break a line is shown as an escape.
 */
const HIDDEN =
  // C0, DEL and C1; soft hyphen; Arabic letter mark; Hangul and Mongolian fillers; zero-width,
  // bidi and separator controls; interlinear marks; variation selectors stay (emoji use them).
  // oxlint-disable-next-line no-control-regex
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\ud800-\udfff\u{e0000}-\u{e007f}]/gu;

/** `text` with every hidden character as `\u202e`, cut to `max` characters with an ellipsis. */
export function safe(text: string, max = 2048): string {
  const short = text.length > max ? `${text.slice(0, max)}…` : text;
  return short.replace(HIDDEN, escapeOf);
}

/** The same for a block of text that may hold line breaks and tabs (JSON). */
export function safeBlock(text: string, max = 262_144): string {
  const short = text.length > max ? `${text.slice(0, max)}\n…` : text;
  return short.replace(HIDDEN, (found) => (found === "\n" || found === "\t" ? found : escapeOf(found)));
}

function escapeOf(found: string): string {
  return Array.from({ length: found.length }, (_, index) =>
    String.raw`\u${found.charCodeAt(index).toString(16).padStart(4, "0")}`,
  ).join("");
}
