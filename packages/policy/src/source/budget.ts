import { MAX_DEPTH, MAX_NODES, MAX_OBJECT, tooDeep, tooLong, tooManyNodes } from "./tree.js";

/**
 * What reading one document may cost. The items of a List have a budget each, so
 * that `kubectl get -o yaml` of a whole cluster passes and one huge object does not.
 */
export interface Budget {
  /** Before each value; throws UnreadableDocument when the budget is spent. `depth` counts from 0. */
  spend(depth: number, offset: number): void;
  /** Begins an item of the document's own `items`; the returned function ends it. */
  item(offset: number): (end: number) => void;
}

export function createBudget(start: number): Budget {
  let nodes = 0;
  /** Offset that the object's length is counted from, moved on by items that have been read. */
  let origin = start;
  return {
    spend(depth, offset) {
      if (depth > MAX_DEPTH) throw tooDeep(offset);
      if (++nodes > MAX_NODES) throw tooManyNodes(offset);
      if (offset - origin > MAX_OBJECT) throw tooLong(offset);
    },
    item(offset) {
      const outer = { nodes, length: offset - origin };
      nodes = 0;
      origin = offset;
      return (end) => {
        if (end - origin > MAX_OBJECT) throw tooLong(offset);
        nodes = outer.nodes;
        origin = end - outer.length;
      };
    },
  };
}
