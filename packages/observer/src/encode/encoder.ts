import { createEncoder } from "@dropscope/hubble";
import { type Flow, type Viewer } from "@dropscope/model";
import type { FlowBlock } from "@dropscope/store";

/** Makes observer.GetFlowsResponse of stored rows. */
export interface FlowEncoder {
  /** The rows that are meant from now on. */
  start(block: FlowBlock): void;
  /** Bytes of one row, until the next call; undefined where the viewer may not see it. */
  flow(row: number): Uint8Array | undefined;
  /** Bytes of any other response, given in the shape of its JSON. */
  message(json: object): Uint8Array;
}

export function createFlowEncoder(
  _viewer: Viewer,
  mask: ((flow: Flow) => Flow) | undefined,
): FlowEncoder {
  const encode = createEncoder({ fields: new Map(), enums: new Map() });
  let current: FlowBlock | undefined;
  return {
    start(block) {
      current = block;
    },
    flow(row) {
      const whole = current?.flowAt(row);
      if (whole === undefined) return undefined;
      const flow = mask === undefined ? whole : mask(whole);
      // The envelope is filled from the masked flow, as Hubble's servers do.
      return encode({
        flow,
        ...(flow.node_name === undefined ? {} : { node_name: flow.node_name }),
        ...(flow.time === undefined ? {} : { time: flow.time }),
      });
    },
    message: encode,
  };
}
