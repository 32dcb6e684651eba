/**
 * Label keys and key-value pairs as dense numbers, so that selectors and label
 * sets are compared as integers. A key is a source with a name (`k8s:app`); the
 * source `any` stands for the first label of that name whatever its source.
 */
export interface Vocabulary {
  key(source: string, name: string): number;
  /** The key if it was ever asked for with `key`. */
  knownKey(source: string, name: string): number | undefined;
  pair(key: number, value: string): number;
  /**
   * Says that a selector looks at the key. Label sets are told apart by such keys
   * alone, so that a pod's revision hash makes no class of its own. Never undone:
   * a distinction too many costs memory, one too few would be wrong.
   */
  use(key: number): void;
  isUsed(key: number): boolean;
  /** Grows whenever a key comes into use. */
  uses(): number;
}

export function createVocabulary(): Vocabulary {
  const keys = new Map<string, number>();
  const pairs: Map<string, number>[] = [];
  const used: boolean[] = [];
  let pairCount = 0;
  let uses = 0;
  return {
    key: (source, name) => {
      const text = `${source}:${name}`;
      let id = keys.get(text);
      if (id === undefined) {
        id = keys.size;
        keys.set(text, id);
        pairs.push(new Map());
        used.push(false);
      }
      return id;
    },
    knownKey: (source, name) => keys.get(`${source}:${name}`),
    pair: (key, value) => {
      const values = pairs[key];
      if (values === undefined) throw new RangeError(`there is no label key ${key}`);
      let id = values.get(value);
      if (id === undefined) {
        id = pairCount++;
        values.set(value, id);
      }
      return id;
    },
    use: (key) => {
      if (used[key] === true) return;
      used[key] = true;
      uses++;
    },
    isUsed: (key) => used[key] === true,
    uses: () => uses,
  };
}
