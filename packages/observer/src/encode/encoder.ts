import { createEncoder, createWire } from "@dropscope/hubble";
import type { Flow, Viewer } from "@dropscope/model";
import type { FlowBlock, Texts } from "@dropscope/store";
import type { KnownPolicies } from "./policies.js";
import { createRowWriter } from "./row.js";
import { createValueTexts } from "./texts.js";

/** Makes observer.GetFlowsResponse of stored rows. */
export interface FlowEncoder {
  /** The rows that are meant from now on. */
  start(block: FlowBlock): void;
  /** Bytes of one row, until the next call; undefined where the viewer may not see it. */
  flow(row: number): Uint8Array | undefined;
  /** Bytes of any other response, given in the shape of its JSON. */
  message(json: object): Uint8Array;
}

/**
 * Rows are written as bytes straight from their columns; those with something that no column
 * holds, and all of them where a mask or a viewer cuts them, are made as flows first.
 */
export function createFlowEncoder(
  viewer: Viewer,
  mask: ((flow: Flow) => Flow) | undefined,
): FlowEncoder {
  const encode = createEncoder({ fields: new Map(), enums: new Map() });
  const wire = createWire();
  const texts = createValueTexts();
  const policies: KnownPolicies = new Map();
  const isWhole = mask === undefined && viewer.namespaces === "all" && viewer.seesL7;
  let current: { block: FlowBlock; rest: Texts; write: ReturnType<typeof createRowWriter> };

  const slowly = (row: number): Uint8Array | undefined => {
    const whole = current.block.flowAt(row);
    if (whole === undefined) return undefined;
    const flow = mask === undefined ? whole : mask(whole);
    // The envelope is filled from the masked flow, as Hubble's servers do.
    return encode({
      flow,
      ...(flow.node_name === undefined ? {} : { node_name: flow.node_name }),
      ...(flow.time === undefined ? {} : { time: flow.time }),
    });
  };
  return {
    start(block) {
      const rest = block.column("rest") as Texts;
      current = { block, rest, write: createRowWriter(block, texts, policies) };
    },
    flow(row) {
      const { rest, write } = current;
      if (!isWhole || rest.starts[row] !== rest.ends[row]) return slowly(row);
      write(wire, row);
      return wire.view();
    },
    message: encode,
  };
}
