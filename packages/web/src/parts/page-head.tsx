import { near } from "../lib/format.js";
import { safe } from "../lib/safe.js";
import type { Asked } from "../state/asked.js";
import { now } from "../state/clock.js";
import { utc } from "../state/settings.js";
import { Icon, Verdict } from "./icons.js";
import { ErrorCode } from "./states.js";

/** What a page says in one line, and whether its picture is old. */
export function PageHead(props: {
  title: string;
  wrong?: boolean;
  text?: string;
  rest?: string;
  asked?: Asked<unknown>;
}) {
  const failure = props.asked?.failure;
  return (
    <div class="headline-box">
      <h1 class={props.wrong ? "headline mood-wrong" : "headline mood-calm"}>
        <span>
          {props.text === undefined ? (
            props.title
          ) : (
            <>
              <span class="sr">{props.title}: </span>
              {props.wrong && (
                <>
                  <Verdict name="DROPPED" bare />{" "}
                </>
              )}
              {safe(props.text, 400)}
              {props.rest && <span class="headline-rest"> {safe(props.rest, 400)}</span>}
            </>
          )}
        </span>
      </h1>
      {failure && (
        <p class="page-old">
          <Icon name="warn" size={14} />
          <span role="status">
            {safe(failure.message, 300)} What is shown was asked at{" "}
            {near(props.asked?.at ?? 0, now.peek(), utc.value)}. <ErrorCode code={failure.code} />
          </span>
          <button type="button" class="link" onClick={props.asked?.again}>
            Try again
          </button>
        </p>
      )}
    </div>
  );
}
