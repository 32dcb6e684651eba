import { cleanText } from "@dropscope/model";

/** The colours of the hubble CLI; each gives the text back unchanged when colour is off. */
export interface Paint {
  host(text: string): string;
  port(text: string): string;
  identity(text: string): string;
  good(text: string): string;
  bad(text: string): string;
  notable(text: string): string;
}

export function createPaint(color: boolean): Paint {
  const paint = (code: number) => (text: string) =>
    color ? `\u001b[${code}m${text}\u001b[0m` : text;
  const yellow = paint(33);
  return {
    host: paint(36),
    port: yellow,
    identity: paint(35),
    good: paint(32),
    bad: paint(31),
    notable: yellow,
  };
}

/**
 * Foreign text for a terminal. The hubble CLI writes ESC as `^[` and a carriage return as `\r`;
 * so do we, and we show what it lets through as well: other controls, C1 codes (a terminal may
 * take U+009B for ESC [), line breaks that would fake a second flow, text that reorders.
 */
export function shown(text: string | undefined): string {
  if (text === undefined) return "";
  return cleanText(
    text.replaceAll("\u001b", "^[").replaceAll("\r", String.raw`\r`),
    Number.POSITIVE_INFINITY,
  );
}
