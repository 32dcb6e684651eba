import { near } from "../lib/format.js";
import { safe } from "../lib/safe.js";
import type { Asked } from "../state/asked.js";
import { now } from "../state/clock.js";
import { link } from "../state/live.js";
import { range } from "../state/nav.js";
import { utc } from "../state/settings.js";
import { Mark } from "./headline.js";
import { Icon } from "./icons.js";
import { ErrorCode } from "./states.js";

/** What a page says in one line, and whether its picture is old. */
export function PageHead(props: {
  title: string;
  wrong?: boolean;
  text?: string;
  rest?: string;
  asked?: Asked<unknown>;
}) {
  return (
    <div class={props.asked && isOld(props.asked) ? "headline-box is-old" : "headline-box"}>
      <h1 class={props.wrong ? "headline mood-wrong" : "headline mood-calm"}>
        {props.wrong && props.text !== undefined && <Mark mood="wrong" />}
        <span>
          {props.text === undefined ? (
            props.title
          ) : (
            <>
              <span class="sr">{props.title}: </span>
              {safe(props.text, 400)}
              {props.rest && <span class="headline-rest"> {safe(props.rest, 400)}</span>}
            </>
          )}
        </span>
      </h1>
      {props.asked && <OldNote asked={props.asked} />}
    </div>
  );
}

/** What is shown is not what is: the last question failed, or nothing comes any more. */
export function isOld(asked: Asked<unknown>): boolean {
  if (asked.answer === undefined) return false;
  return (
    asked.failure !== undefined || (range.value.kind === "live" && link.value.state === "lost")
  );
}

/** Why the picture is old, and from when it is. The banner says it when nothing is connected. */
export function OldNote({ asked }: { asked: Asked<unknown> }) {
  const { failure, at, again } = asked;
  if (!failure) return null;
  return (
    <p class="page-old">
      <Icon name="warn" size={14} />
      <span role="status">
        {safe(failure.message, 300)} What is shown was asked at {near(at, now.peek(), utc.value)}.{" "}
        <ErrorCode code={failure.code} />
      </span>
      <button type="button" class="link" onClick={again}>
        Try again
      </button>
    </p>
  );
}
