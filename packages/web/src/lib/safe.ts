/**
 * Text from the cluster is written by strangers. The server cleans it at the door; cleaning it
 * again before it is shown is the second lock (S8): what could hide or reorder text is an escape.
 */
import { cleanText } from "@dropscope/model";

/** `text` as one line that shows every character it has, `max` UTF-16 units at most. */
export function safe(text: string, max = 2048): string {
  return cleanText(text, max);
}

/** The same for text whose line breaks are ours, such as indented JSON. */
export function safeBlock(text: string, max = 262_144): string {
  return text
    .slice(0, max)
    .split("\n")
    .map((line) => cleanText(line, max))
    .join("\n");
}
