import type { Flow } from "@dropscope/model";
import type { Connection } from "../endpoint.js";
import type { RuleAccount, SideExplanation } from "../explain/explanation.js";
import { matchesPort } from "../match/port.js";
import type { L7Rules, PortMatch } from "../policy.js";
import { answerOf, type L7Answer } from "./answer.js";

/** One list of L7 rules that a request goes through, and what it says to it. */
export interface L7List {
  readonly account: RuleAccount;
  readonly rules: L7Rules;
  readonly answer: L7Answer;
}

/**
 * The lists of L7 rules behind the rules that allow a connection. A request passes when one of
 * them lets it; without any the proxy has no say.
 * @param flow the request
 */
export function l7ListsOf(
  side: SideExplanation,
  { to, protocol, port }: Pick<Connection, "to" | "protocol" | "port">,
  flow: Flow,
): L7List[] {
  const applies = (entry: PortMatch): boolean => matchesPort(entry, protocol, port, to);
  return side.policies
    .flatMap(({ rules, inert }) => (inert ? [] : rules))
    .filter(({ rule, matches }) => matches && rule.action === "allow")
    .flatMap((account) =>
      (account.rule.ports === "any" ? [] : account.rule.ports.filter(applies)).flatMap(
        ({ l7 }): L7List[] => {
          const answer = l7 === undefined ? undefined : answerOf(l7, flow);
          return l7 === undefined || answer === undefined ? [] : [{ account, rules: l7, answer }];
        },
      ),
    );
}
