import type { PolicyName } from "@dropscope/model";
import type { Notice, NoticeEvent } from "./notice.js";

/** Slack cuts nothing itself: it refuses sections beyond 3,000 characters and headers beyond 150. */
const MAX_SECTION = 2900;
const MAX_HEADER = 150;
const MAX_NAMED = 5;

/**
 * A message as Slack's incoming webhooks take it (Mattermost and Rocket.Chat read `text` of it).
 * Names in it come from strangers, and none of them may become a link, a mention or markup.
 */
export function slackBody(notice: Notice): object {
  const { event, title, sentence, fix, link, policies, leftOut } = notice;
  const head = `${HEADS[event]}: ${title}`;
  const lines = [
    escaped(sentence),
    ...(policies.length === 0
      ? []
      : [`*Policies:* ${policies.slice(0, MAX_NAMED).map(code).join(", ")}`]),
    ...(fix === "" || event === "resolved" ? [] : [`*Fix:* ${escaped(fix)}`]),
  ];
  return {
    text: `${escaped(head)}\n${escaped(sentence)}`.slice(0, MAX_SECTION),
    blocks: [
      { type: "header", text: plain(head) },
      { type: "section", text: { type: "mrkdwn", text: lines.join("\n").slice(0, MAX_SECTION) } },
      { type: "context", elements: [plain(detailText(notice))] },
      ...(leftOut === 0
        ? []
        : [{ type: "context", elements: [plain(`${leftOut} more messages were left out`)] }]),
      ...(link === ""
        ? []
        : [
            {
              type: "actions",
              elements: [{ type: "button", text: plain("Open in dropscope"), url: link }],
            },
          ]),
    ],
  };
}

const HEADS: Readonly<Record<NoticeEvent, string>> = {
  opened: "Dropped",
  returned: "Dropped again",
  resolved: "Resolved",
};

function detailText({
  outcome,
  direction,
  count,
  rate,
  podCount,
  change,
  audited,
}: Notice): string {
  return [
    [direction, outcome].filter((part) => part !== "").join(" "),
    `${count} ${count === 1 ? "drop" : "drops"}`,
    ...(rate > 0 ? [`${Math.round(rate * 10) / 10} a minute`] : []),
    ...(podCount > 1 ? [`${podCount} pods`] : []),
    ...(audited ? ["audit mode: it passed"] : []),
    ...(change === null
      ? []
      : [`${change.kind} ${change.namespace}/${change.name} ${change.action} ${change.time}`]),
  ].join(" · ");
}

const plain = (text: string): object => ({
  type: "plain_text",
  text: text.slice(0, MAX_HEADER),
  emoji: false,
});

const code = ({ kind, namespace, name }: PolicyName): string =>
  `\`${escaped([kind, namespace === "" ? name : `${namespace}/${name}`].join(" ")).replaceAll("`", "'")}\``;

/** Slack's three control characters; with them gone nothing is a link or a mention. */
function escaped(text: string): string {
  return (
    text
      .replaceAll("&", "&amp;")
      .replaceAll("<", "&lt;")
      .replaceAll(">", "&gt;")
      // A pair of these around words would be markup.
      .replaceAll(/[*_~]/g, (character) => `${character}\u2060`)
  );
}
