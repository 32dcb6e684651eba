import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { errorDocs } from "../lib/error-docs.js";
import { safe } from "../lib/safe.js";
import type { VerdictKind } from "../lib/words.js";
import { flags, needFlags } from "../state/flags.js";
import { version } from "../state/live.js";
import { go, view } from "../state/nav.js";
import { Verdict } from "./icons.js";
import { KEYS } from "./keys.js";

// All that docs/errors.md says, at build time: the page and the docs cannot differ.
const docs = import.meta.glob<string>("../../../../docs/errors.md", {
  query: "?raw",
  import: "default",
  eager: true,
});
const ERRORS = errorDocs(Object.values(docs)[0] ?? "");

const VERDICTS: [string, VerdictKind, string][] = [
  [
    "FORWARDED",
    "forwarded",
    "The packet went on its way. It may still be dropped at a later point.",
  ],
  ["DROPPED", "dropped", "The packet ended here, for the reason beside it."],
  ["AUDIT", "audit", "A policy would have dropped it, but the endpoint is in audit mode."],
  ["REDIRECTED", "redirected", "The packet went to the L7 proxy, which judges it next."],
  ["ERROR", "error", "The datapath or the proxy failed to handle it."],
  ["VERDICT_UNKNOWN", "unknown", "Hubble gave no verdict, or one that this version does not know."],
];

function Part({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <section class="panel help-part" aria-label={title}>
      <div class="panel-head">
        <h2>{title}</h2>
      </div>
      <div class="pad">{children}</div>
    </section>
  );
}

export function Help() {
  const code = view.value.code;
  useEffect(() => {
    needFlags();
    if (code !== "") document.getElementById(`error-${code}`)?.scrollIntoView({ block: "center" });
  }, [code]);
  return (
    <div class="help">
      <h1 class="headline">
        <span>Help</span>
      </h1>
      {code !== "" && <OneError code={code} />}
      <div class="help-grid">
        <Part title="Keys">
          <dl class="keys">
            {KEYS.map(({ keys, what }) => (
              <div key={what}>
                <dt>
                  {keys.map((key) => (
                    <kbd key={key}>{key}</kbd>
                  ))}
                </dt>
                <dd>{what}</dd>
              </div>
            ))}
          </dl>
        </Part>
        <Part title="Verdicts">
          <dl class="verdict-help">
            {VERDICTS.map(([name, kind, what]) => (
              <div key={kind}>
                <dt>
                  <Verdict name={name} />
                </dt>
                <dd>{what}</dd>
              </div>
            ))}
          </dl>
        </Part>
        <Part title="How to read this page">
          <ul class="prose">
            <li>
              <b>Nothing is hidden.</b> Without a filter you see every flow that Hubble sent: DNS,
              host and health traffic too.
            </li>
            <li>
              <span class="swatch hatch" aria-hidden="true" /> <b>Hatched means not complete.</b>{" "}
              Events were lost or a node was not connected, so a low bar there is not a quiet
              cluster. The chip at the top right says what is missing.
            </li>
            <li>
              <b>A dropped packet may give two events</b>: the drop, and the policy verdict. The
              drawer shows the other one under “Around it”.
            </li>
            <li>
              <b>Policy denied without a policy name is a default deny</b>: a policy selects the
              endpoint, and no rule allows the traffic. Hubble names a policy only when one of its
              rules matched.
            </li>
            <li>
              <b>The address bar is the view.</b> The link button copies it with the time range
              fixed, so that it shows the same picture tomorrow.
            </li>
          </ul>
        </Part>
        <Part title="The filter line">
          <p class="prose">
            The flags of <code>hubble observe</code>. Different flags must all hold, the same flag
            twice means either, and <code>--not</code> turns the next one around.
          </p>
          {flags.value.length === 0 ? (
            <p class="dim">The list of flags is not loaded.</p>
          ) : (
            <dl class="flag-list">
              {flags.value.map((flag) => (
                <div key={flag.name}>
                  <dt class="mono">
                    {flag.short ? `${flag.short}, ` : ""}
                    {flag.name} <span class="dim">{flag.value}</span>
                  </dt>
                  <dd>{flag.help}</dd>
                </div>
              ))}
            </dl>
          )}
        </Part>
        {ERRORS.length > 0 && (
          <Part title="Error codes">
            <dl class="error-list">
              {ERRORS.map((each) => (
                <div
                  key={each.code}
                  id={`error-${each.code}`}
                  class={each.code === code ? "on" : ""}
                >
                  <dt class="mono">{each.code}</dt>
                  <dd>
                    {each.meaning} <span class="dim">{each.next}</span>
                  </dd>
                </div>
              ))}
            </dl>
          </Part>
        )}
      </div>
      <p class="dim">dropscope {safe(version.value, 40)} · Apache-2.0</p>
    </div>
  );
}

function OneError({ code }: { code: string }) {
  const found = ERRORS.find((each) => each.code === code);
  return (
    <div class="panel one-error">
      <p>
        <span class="mono strong">{code}</span>{" "}
        {found ? found.meaning : "This version of the page has no text for this code."}
      </p>
      {found && <p>{found.next}</p>}
      <button type="button" class="button" onClick={() => go({ place: "problems", code: "" })}>
        Back to the problems
      </button>
    </div>
  );
}
