import type { RedactOptions } from "./types.js";

/** What stands where a value was; the word that Hubble's own redaction uses. */
export const REDACTED = "HUBBLE_REDACTED";

// Nothing of these, and no path part long enough for a token: the URL is as it was.
const SUSPECT = /[?#@;]|[^/]{24}/;
const AUTHORITY = /^(?:[A-Za-z][A-Za-z0-9+.-]*:)?\/\/([^/]*)/;

/**
 * Removes from a URL (absolute, or a bare path) what may be a secret: user-info and fragment go,
 * query and matrix parameters keep their names only, path parts that look like tokens are masked.
 * Idempotent.
 */
export function redactUrl(url: string): string {
  if (!SUSPECT.test(url)) return url;
  const [beforeHash = ""] = url.split("#", 1);
  const mark = beforeHash.indexOf("?");
  if (mark === -1) return redactPlace(beforeHash);
  return `${redactPlace(beforeHash.slice(0, mark))}?${redactQuery(beforeHash.slice(mark + 1))}`;
}

/** Authority and path. */
function redactPlace(place: string): string {
  const found = AUTHORITY.exec(place);
  if (found) {
    const authority = found[1]!;
    const start = found[0].length - authority.length;
    return place.slice(0, start) + redactHost(authority) + redactPath(place.slice(found[0].length));
  }
  // `user:password@host/…` without a scheme, as a CONNECT request may name it.
  const slash = place.indexOf("/");
  const first = slash === -1 ? place : place.slice(0, slash);
  const at = first.lastIndexOf("@");
  // What is left may name a user again (`a@//b@c`).
  return at === -1 ? redactPath(place) : redactPlace(place.slice(at + 1));
}

function redactHost(authority: string): string {
  const host = authority.slice(authority.lastIndexOf("@") + 1);
  // A port that is no number is a password whose `@` was cut off with a query or a fragment.
  if (!/^([^:]*|\[[^\]]*\])(:\d*)?$/.test(host)) return REDACTED;
  return looksLikeToken(host) ? REDACTED : host;
}

function redactQuery(query: string): string {
  return query
    .split("&")
    .map((pair) => {
      const equals = pair.indexOf("=");
      // Without `=` the word may be the secret itself.
      if (equals === -1) return pair === "" ? "" : REDACTED;
      const name = pair.slice(0, equals);
      const shown = name.length > 64 || looksLikeToken(name) ? REDACTED : name;
      return equals === pair.length - 1 ? `${shown}=` : `${shown}=${REDACTED}`;
    })
    .join("&");
}

function redactPath(path: string): string {
  return path
    .split("/")
    .map((part) => {
      const [name = "", ...parameters] = part.split(";");
      return [looksLikeToken(name) ? REDACTED : name, ...parameters.map(redactQuery)].join(";");
    })
    .join("/");
}

const JWT = /ey[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]{8,}/;
const HEX = /[0-9A-Fa-f]{32}/;
const BASE64 = /[A-Za-z0-9_+=~-]{24,}/g;

/** A JWT, 32 or more hex digits (dashes between do not count), or a run of 24 or more base64 characters that is no name. */
function looksLikeToken(part: string): boolean {
  if (part.length < 18) return false;
  // No name is that long, and the patterns below are not meant for such text.
  if (part.length > 512) return true;
  const text = part.includes("%") ? decoded(part) : part;
  if (JWT.test(text) || HEX.test(text.replaceAll("-", ""))) return true;
  return (text.match(BASE64) ?? []).some(isMixed);
}

function isMixed(run: string): boolean {
  const digits = /[0-9]/.test(run);
  if (/[a-z]/.test(run) && /[A-Z]/.test(run)) return digits || caseChanges(run) * 3 >= run.length;
  // One case: words joined by dashes (`checkout-service-v2-canary`) are a name, one long word is not.
  return digits && run.split(/[-_~]/).some((word) => word.length >= 20 && /[0-9]/.test(word));
}

/** `getUserAccountSettings` changes rarely, random letters every other time. */
function caseChanges(run: string): number {
  return run.match(/[a-z](?=[A-Z])|[A-Z](?=[a-z])/g)?.length ?? 0;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** The same for every URL inside a text, such as `HTTP/1.1 200 3ms (GET http://shop/?token=x)`. */
export function redactSummary(text: string): string {
  if (!SUSPECT.test(text)) return text;
  return text.replace(/\S+/g, (word) => {
    if (!/[/?@]/.test(word)) return word;
    let start = 0;
    let end = word.length;
    while (start < end && OPENING.includes(word[start]!)) start++;
    while (end > start && CLOSING.includes(word[end - 1]!)) end--;
    return word.slice(0, start) + redactUrl(word.slice(start, end)) + word.slice(end);
  });
}

const OPENING = `(["'<`;
const CLOSING = `)]"'>,.`;

/** Which headers may be stored, asked by name in any case. */
export function headerFilter(options: RedactOptions): (name: string) => boolean {
  const allowed = new Set((options.headers ?? []).map((name) => name.toLowerCase()));
  return (name) => allowed.has(name.toLowerCase());
}
