import { fromBinary, toJson } from "@bufbuild/protobuf";
import { createPrinter, type PrinterOptions } from "@dropscope/cli/observe";
import { importFiles } from "@dropscope/ingester";
import { GetFlowsResponseSchema } from "@dropscope/hubble";
import type { ObservedItem } from "@dropscope/model";
import { describe, expect, it } from "vitest";
import { dumps, hasShared } from "../kit/shared.js";

/** File → JSON → wire bytes → generic decoder → printer: everything but the store. */
async function printed(path: string, output: PrinterOptions["output"]): Promise<string[]> {
  let text = "";
  const printer = createPrinter({ output, write: (piece) => (text += piece) });
  await importFiles({
    inputs: [path],
    feed: {
      push(bytes) {
        const message = fromBinary(GetFlowsResponseSchema, bytes);
        const item = toJson(GetFlowsResponseSchema, message, { useProtoFieldName: true });
        printer.item(item as ObservedItem);
        return message.responseTypes.case === "lostEvents" ? "lost" : "flow";
      },
      room: () => undefined,
      flush: () => Promise.resolve(),
    },
  });
  printer.close();
  return text.split("\n").slice(0, -1);
}

describe.skipIf(!hasShared())("what the hubble CLI prints for real dumps", () => {
  it.each(dumps().map((dump) => [dump.name, dump] as const))("%s", async (_name, dump) => {
    expect(await printed(dump.path, "compact")).toEqual(dump.compact);
    if (dump.jsonpb !== undefined) expect(await printed(dump.path, "jsonpb")).toEqual(dump.jsonpb);
  });
});
