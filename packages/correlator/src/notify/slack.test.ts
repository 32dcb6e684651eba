import { expect, test } from "vitest";
import { noticeOf } from "./notice.js";
import { slackBody } from "./slack.js";
import { problem } from "./testing.js";

interface Body {
  readonly text: string;
  readonly blocks: readonly { type: string; text?: { text: string }; elements?: unknown[] }[];
}
const bodyOf = (...[one, event, more]: Parameters<typeof noticeOf>): Body =>
  slackBody(noticeOf(one, event, more)) as Body;
const NONE = { link: "", leftOut: 0 };

test("who, why, which policies, and the fix", () => {
  const { text, blocks } = bodyOf(problem(), "opened", { link: "https://d.example/p", leftOut: 3 });
  expect(text).toContain("Dropped: store/checkout → store/db on TCP 5432");
  expect(blocks.map(({ type }) => type)).toEqual([
    "header",
    "section",
    "context",
    "context",
    "actions",
  ]);
  expect(blocks[1]?.text?.text).toContain("`NetworkPolicy store/db-ingress`");
  expect(blocks[1]?.text?.text).toContain("*Fix:* If it is wanted, let spec.ingress[0]");
  expect(JSON.stringify(blocks[2])).toContain("ingress default-deny · 12 drops · 2.4 a minute");
  expect(JSON.stringify(blocks[3])).toContain("3 more messages were left out");
  expect(JSON.stringify(blocks[4])).toContain("https://d.example/p");
});

test("what is over needs no fix, and without a link there is no button", () => {
  const { text, blocks } = bodyOf(problem("a", "resolved"), "resolved", NONE);
  expect(text).toContain("Resolved: ");
  expect(JSON.stringify(blocks)).not.toContain("*Fix:*");
  expect(blocks.map(({ type }) => type)).toEqual(["header", "section", "context"]);
});

test("names of strangers become neither links nor mentions nor markup", () => {
  const evil = "<!channel> <https://evil.example|click> *bold* `code` & _x_";
  const hostile = problem("a", "new", {
    source: { kind: "workload", namespace: "web", name: evil },
    policies: [{ kind: "NetworkPolicy", namespace: "web", name: evil }],
  });
  const explanation = { ...hostile.explanation, sentence: evil, next: `${evil}\n${evil}` };
  const { text, blocks } = bodyOf({ ...hostile, explanation }, "opened", NONE);
  const markup = [text, blocks[1]?.text?.text ?? ""].join("\n");
  expect(markup).not.toMatch(/<[!@#h]/);
  expect(markup).not.toMatch(/\*bold\*/);
  expect(markup).toContain("&lt;!channel&gt;");
});

test("nothing is longer than Slack takes", () => {
  const long = "x".repeat(20_000);
  const policies = Array.from({ length: 300 }, (_, n) => ({
    kind: "NetworkPolicy",
    namespace: long,
    name: `p${n}`,
  }));
  const hostile = problem("a", "new", { policies });
  const explanation = { ...hostile.explanation, sentence: long, next: long };
  const { text, blocks } = bodyOf({ ...hostile, explanation }, "opened", NONE);
  expect(text.length).toBeLessThanOrEqual(3000);
  expect(blocks[0]?.text?.text.length).toBeLessThanOrEqual(150);
  expect(blocks[1]?.text?.text.length).toBeLessThanOrEqual(3000);
});
