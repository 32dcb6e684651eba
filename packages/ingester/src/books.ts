/**
 * The books of one feed. They balance at every moment:
 *
 *     read = repeats + rejected + open + sealed
 *
 * `read` counts flows and messages that could not be understood; losses, node
 * status and members that this build does not know are counted beside it.
 */
export interface Books {
  read: number;
  /** Flows whose id was already known. */
  repeats: number;
  rejected: number;
  rejectedBy: Record<string, number>;
  /** Flows in batches that are not acknowledged yet, the one being filled included. */
  open: number;
  /** Flows that the door has acknowledged. */
  sealed: number;
  /** Messages that are no flow and no loss: node status, members of a newer server. */
  other: number;
  /** Gaps taken in, and the events that they count. */
  gaps: number;
  lost: number;
  batches: number;
}

export function emptyBooks(): Books {
  return {
    read: 0,
    repeats: 0,
    rejected: 0,
    rejectedBy: {},
    open: 0,
    sealed: 0,
    other: 0,
    gaps: 0,
    lost: 0,
    batches: 0,
  };
}

/** What the books are short of; 0 when they balance. */
export function imbalance(books: Books): number {
  return books.read - books.repeats - books.rejected - books.open - books.sealed;
}
