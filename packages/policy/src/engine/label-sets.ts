import { parseLabel, type EndpointLabels } from "../labels.js";
import type { Vocabulary } from "./vocabulary.js";

/** What selectors can see of a set of labels: the pairs whose keys are in use. */
export interface LabelSet {
  readonly id: number;
  /** Ascending; `pairs` runs beside it. */
  readonly keys: readonly number[];
  readonly pairs: readonly number[];
}

/** Labels as they were given; ends with equal texts share one. */
export interface GivenLabels {
  readonly id: number;
  /** JSON of the texts: unambiguous whatever they hold. */
  readonly text: string;
  /** The vocabulary's `uses` when `set` was made. */
  uses: number;
  set: LabelSet | undefined;
}

/** Hash-consed label sets: equal ones are one object. */
export interface LabelSets {
  intern(labels: EndpointLabels): GivenLabels;
  /** What can be seen of them now; another set after a new key came into use. */
  project(given: GivenLabels): LabelSet;
  /** Sets that selectors can tell apart. */
  count(): number;
}

/** Only sharing is lost beyond, never a label set that is in use. */
const MAX_SHARED = 262_144;

export function createLabelSets(vocabulary: Vocabulary): LabelSets {
  const shared = new Map<string, GivenLabels>();
  const sets = new Map<string, LabelSet>();
  let nextId = 0;

  const internSet = (visible: ReadonlyMap<number, number>): LabelSet => {
    const keys = [...visible.keys()].sort((a, b) => a - b);
    const pairs = keys.map((key) => visible.get(key) ?? 0);
    const name = pairs.join();
    let set = sets.get(name);
    if (set === undefined) {
      set = { id: sets.size, keys, pairs };
      sets.set(name, set);
    }
    return set;
  };

  return {
    intern: (labels) => {
      const text = JSON.stringify(labels.texts);
      let given = shared.get(text);
      if (given === undefined) {
        given = { id: nextId++, text, uses: -1, set: undefined };
        if (shared.size >= MAX_SHARED) shared.clear();
        shared.set(text, given);
      }
      return given;
    },
    project: (given) => {
      if (given.set !== undefined && given.uses === vocabulary.uses()) return given.set;
      given.set = internSet(visibleLabels(JSON.parse(given.text) as string[], vocabulary));
      given.uses = vocabulary.uses();
      return given.set;
    },
    count: () => sets.size,
  };
}

function visibleLabels(texts: readonly string[], vocabulary: Vocabulary): Map<number, number> {
  const visible = new Map<number, number>();
  const anyNames = new Set<string>();
  for (const text of texts) {
    const { source, key: name, value } = parseLabel(text);
    const key = vocabulary.knownKey(source, name);
    // `any` is reached through the name alone, see below.
    if (key !== undefined && source !== "any" && vocabulary.isUsed(key))
      visible.set(key, vocabulary.pair(key, value));
    if (anyNames.has(name)) continue;
    anyNames.add(name);
    const anyKey = vocabulary.knownKey("any", name);
    if (anyKey !== undefined && vocabulary.isUsed(anyKey))
      visible.set(anyKey, vocabulary.pair(anyKey, value));
  }
  return visible;
}
