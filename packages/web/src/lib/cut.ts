/** `text` in at most `most` characters, cut in the middle: the end of a name tells pods apart. */
export function cutMiddle(text: string, most: number): string {
  if (text.length <= most) return text;
  const tail = Math.min(7, Math.floor((most - 1) / 2));
  return `${text.slice(0, most - 1 - tail)}…${text.slice(-tail)}`;
}
