/** Longest texts that are stored, in UTF-16 units; what is longer ends in "…". */
export const TEXT_CAPS = {
  /**
   * Cilium copies a namespace's labels to its pods under `k8s:io.cilium.k8s.namespace.labels.` (35),
   * and a Kubernetes label may be 253 + `/` + 63 + `=` + 63: up to 416 units are legal, and policies
   * must match on all of them.
   */
  label: 512,
  /** Names of DNS, pods, namespaces, workloads, nodes. */
  name: 255,
  url: 2048,
  /** Everything else: summaries, messages, header values. */
  text: 2048,
} as const;

// Controls, format characters (bidi, zero-width, tags), lone surrogates, line separators and
// whatever else Unicode wants drawn as nothing: text that can hide or reorder other text.
const HOSTILE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;
const EVERY_HOSTILE = new RegExp(HOSTILE.source, "gu");

/**
 * Makes foreign text safe to store and to show: characters that are invisible or that change
 * the order of others become visible `\u202e` escapes, halves of surrogate pairs become U+FFFD,
 * and what is longer than `cap` is cut and ends in "…". Ordinary text comes back unchanged, and
 * so does text that was cleaned before.
 */
export function cleanText(text: string, cap: number = TEXT_CAPS.text): string {
  const shown = HOSTILE.test(text) ? text.replace(EVERY_HOSTILE, escaped) : text;
  if (shown.length <= cap) return shown;
  const cut = isHighSurrogate(shown.charCodeAt(cap - 2)) ? cap - 2 : cap - 1;
  return `${shown.slice(0, cut)}…`;
}

function escaped(character: string): string {
  if (character.length === 1 && (character.charCodeAt(0) & 0xf800) === 0xd800) return "\ufffd";
  let text = "";
  for (let i = 0; i < character.length; i++)
    text += `\\u${character.charCodeAt(i).toString(16).padStart(4, "0")}`;
  return text;
}

function isHighSurrogate(unit: number): boolean {
  return (unit & 0xfc00) === 0xd800;
}
