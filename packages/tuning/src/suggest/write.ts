import { Document, isNode } from "yaml";
import { objectOf, type Proposal } from "./propose.js";

/** A policy as text, with what it allows said above each rule. Ends with a line break. */
export function yamlOf(proposal: Proposal, commentOf: (path: string) => string): string {
  const document = new Document(objectOf(proposal), {
    aliasDuplicateObjects: false,
    // What older parsers take for yes and no stands in quotes.
    compat: "yaml-1.1",
  });
  for (const direction of ["ingress", "egress"] as const)
    proposal.rules[direction].forEach((_, at) => {
      const node = document.getIn(["spec", direction, at], true);
      const comment = commentOf(pathOf(direction, at));
      if (isNode(node) && comment !== "") node.commentBefore = commented(comment);
    });
  if (proposal.rules.ingress.length === 0 && proposal.rules.egress.length === 0)
    document.commentBefore = commented("Denies what no other policy allows.");
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

export const pathOf = (direction: string, at: number): string => `spec.${direction}[${at}]`;

/** Several documents as one file. */
export function joined(texts: readonly string[]): string {
  return texts.join("---\n");
}

/** No line of a comment may end it. */
const commented = (text: string): string =>
  text
    .split(/[\r\n\u0085\u2028\u2029]+/)
    .map((line) => ` ${line}`)
    .join("\n");
