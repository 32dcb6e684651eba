import { matchesName } from "../match/fqdn.js";
import type { FqdnMatch } from "../policy.js";

/** Names that were seen recently keep what they match; bounded because names come from outside. */
const MAX_REMEMBERED = 65_536;

/** The FQDN matchers of all policies, numbered, so that an address is told by what its names match. */
export interface FqdnMatchers {
  add(match: FqdnMatch): number;
  /** Numbers of the matchers that match one of the names, ascending. */
  matching(names: readonly string[]): readonly number[];
  count(): number;
}

export function createFqdnMatchers(): FqdnMatchers {
  const byText = new Map<string, number>();
  const matchers: FqdnMatch[] = [];
  const remembered = new Map<string, number[]>();

  const matchingOne = (name: string): number[] => {
    let numbers = remembered.get(name);
    if (numbers === undefined) {
      numbers = [];
      for (const [number, matcher] of matchers.entries())
        if (matchesName(matcher, name)) numbers.push(number);
      if (remembered.size >= MAX_REMEMBERED) remembered.clear();
      remembered.set(name, numbers);
    }
    return numbers;
  };

  return {
    add: (match) => {
      const text = match.kind === "name" ? `name ${match.name}` : `pattern ${match.pattern}`;
      let number = byText.get(text);
      if (number === undefined) {
        number = matchers.length;
        byText.set(text, number);
        matchers.push(match);
        remembered.clear();
      }
      return number;
    },
    matching: (names) =>
      names.length === 0 || matchers.length === 0
        ? []
        : [...new Set(names.flatMap(matchingOne))].sort((a, b) => a - b),
    count: () => matchers.length,
  };
}
