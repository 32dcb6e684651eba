import { describe, expect, it } from "vitest";
import { suggestionsOf } from "./filter-values.js";

const verdict = {
  name: "--verdict",
  value: "VERDICT",
  help: "",
  values: ["FORWARDED", "DROPPED", "AUDIT"],
  complete: "verdict" as const,
};
const label = { name: "--label", value: "SELECTOR", help: "", complete: "label" as const };
const texts = (list: { text: string }[]): string[] => list.map(({ text }) => text);

describe("what is offered for a value", () => {
  it("what flows hold comes first, the rest of the closed set behind it, nothing twice", () => {
    const answer = { values: ["DROPPED", "FORWARDED"] };
    expect(texts(suggestionsOf(verdict, "", answer))).toEqual(["DROPPED", "FORWARDED", "AUDIT"]);
    expect(texts(suggestionsOf(verdict, "aud", { values: [] }))).toEqual(["AUDIT"]);
    expect(texts(suggestionsOf(verdict, "d", undefined))).toEqual([
      "FORWARDED",
      "DROPPED",
      "AUDIT",
    ]);
  });

  it("behind the key of a label its value may follow", () => {
    const answer = { values: ["k8s:app", "reserved:world"] };
    expect(suggestionsOf(label, "", answer).map((one) => one.open)).toEqual([true, true]);
    expect(suggestionsOf(label, "k8s:app=", { values: ["k8s:app=web"] })[0]?.open).toBeUndefined();
  });

  it("a note stands beside its value", () => {
    const problem = { name: "--problem", value: "ID", help: "", complete: "problem" as const };
    const answer = { values: ["1", "2"], notes: ["one", "two"] };
    expect(suggestionsOf(problem, "", answer)[1]).toEqual({ text: "2", note: "two" });
  });
});
