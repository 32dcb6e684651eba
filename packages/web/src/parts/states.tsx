import type { ApiError } from "@dropscope/model";
import type { ComponentChildren } from "preact";
import { safe } from "../lib/safe.js";
import { go } from "../state/nav.js";
import { Icon } from "./icons.js";

export function Skeleton({ rows, label }: { rows: number; label: string }) {
  return (
    <div class="sk-rows" role="status" aria-label={label}>
      {Array.from({ length: rows }, (_, index) => (
        <div class={`sk sk-row sk-${index % 4}`} key={index} />
      ))}
    </div>
  );
}

/** Nothing to show: why, and what to do next. */
export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <p class="empty-title">{title}</p>
      {children}
    </div>
  );
}

export function ErrorCode({ code }: { code: string }) {
  return (
    <a
      class="code"
      href={`?place=help&code=${encodeURIComponent(code)}`}
      onClick={(event) => {
        event.preventDefault();
        go({ place: "help", code });
      }}
    >
      {safe(code, 80)}
    </a>
  );
}

/** What, why, what next, and a code that leads to its explanation. */
export function ErrorBox({ error, retry }: { error: ApiError; retry?: () => void }) {
  return (
    <div class="error-box" role="alert">
      <Icon name="warn" />
      <div>
        <p class="strong">{safe(error.message)}</p>
        {error.next !== "" && <p>{safe(error.next)}</p>}
        <p class="dim">
          Code <ErrorCode code={error.code} />
        </p>
        {retry && (
          <button type="button" class="button" onClick={retry}>
            <Icon name="refresh" size={14} /> Try again
          </button>
        )}
      </div>
    </div>
  );
}
