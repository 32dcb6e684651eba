/**
 * A denied packet is told twice: as a policy verdict (event type 5) and as a drop. What
 * was dropped is counted once: by whichever of the two there is more of, so that a source
 * which sends only one kind is counted right as well.
 */
export function dropCount(weight: string): string {
  return `greatest(sumIf(${weight}, event_type != 5), sumIf(${weight}, event_type = 5))`;
}

export const FLOW_WEIGHT = "toUInt64(flow_count)";
