import { type Clock, DropscopeError, EXIT } from "@dropscope/model";

/** Where messages go. The address is a secret: whoever knows it may write there. */
export interface Target {
  readonly url: string;
  /** Of the user and password that stood in the address. */
  readonly authorization?: string;
}

/**
 * Reads the address of a webhook.
 * @throws DropscopeError `NOTIFY_URL`; the address itself is never part of the message
 */
export function readTarget(text: string): Target {
  let url: URL;
  try {
    url = new URL(text.trim());
  } catch {
    throw unusable("it is no URL");
  }
  if (url.protocol !== "https:" && url.protocol !== "http:")
    throw unusable("it is neither http nor https");
  if (url.username === "" && url.password === "") return { url: url.href };
  const [user, password] = [url.username, url.password].map(decodeURIComponent);
  url.username = "";
  url.password = "";
  const credentials = Buffer.from(`${user}:${password}`).toString("base64");
  return { url: url.href, authorization: `Basic ${credentials}` };
}

function unusable(why: string): DropscopeError {
  return new DropscopeError("NOTIFY_URL", `The address for notifications cannot be used: ${why}.`, {
    next: "Give --notify-webhook (or DROPSCOPE_NOTIFY_WEBHOOK) the whole address, with https:// in front.",
    exitCode: EXIT.usage,
  });
}

/** What became of a message. `why` names neither the address nor what was answered. */
export type Posted =
  | { readonly outcome: "accepted" }
  /** @property afterMs how long the receiver asks to be left alone */
  | { readonly outcome: "again"; readonly why: string; readonly afterMs?: number }
  | { readonly outcome: "refused"; readonly why: string };

/** Sends one message. Never throws, and never follows a redirection: who answers it is not who was named. */
export async function post(
  { url, authorization }: Target,
  body: object,
  { clock, timeoutMs, signal }: { clock: Clock; timeoutMs: number; signal: AbortSignal },
): Promise<Posted> {
  const timeout = new AbortController();
  const cancel = clock.after(timeoutMs, () => timeout.abort());
  try {
    const response = await fetch(url, {
      method: "POST",
      redirect: "manual",
      headers: {
        "content-type": "application/json",
        "user-agent": "dropscope",
        ...(authorization === undefined ? {} : { authorization }),
      },
      body: JSON.stringify(body),
      signal: AbortSignal.any([signal, timeout.signal]),
    });
    // What the receiver says is not looked at, however much of it there is.
    await response.body?.cancel();
    return judged(response);
  } catch (error) {
    if (signal.aborted) return { outcome: "again", why: "stopped" };
    return { outcome: "again", why: timeout.signal.aborted ? "timeout" : codeOf(error) };
  } finally {
    cancel();
  }
}

function judged({ status, ok, headers }: Response): Posted {
  if (ok) return { outcome: "accepted" };
  const why = `status ${status}`;
  if (status >= 500 || status === 429 || status === 408) {
    const seconds = Number(headers.get("retry-after") ?? Number.NaN);
    return seconds > 0
      ? { outcome: "again", why, afterMs: seconds * 1000 }
      : { outcome: "again", why };
  }
  return { outcome: "refused", why: status >= 300 && status < 400 ? `${why}, a redirection` : why };
}

/** `ECONNREFUSED` and the like; a message could hold the address. */
function codeOf(error: unknown): string {
  const cause =
    error instanceof Error ? (error.cause as { code?: unknown } | undefined) : undefined;
  return typeof cause?.code === "string" ? cause.code : "no connection";
}
