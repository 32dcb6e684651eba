import { Presets, SingleBar } from "cli-progress";
import { countText } from "../import/units.js";

/** How far a long piece of work is, on standard error. */
export interface FlowProgress {
  update(done: number, total: number): void;
  close(): void;
}

const LINE_EVERY_MS = 5_000;

/** A bar on a terminal; elsewhere a line every few seconds. @param verb `written` */
export function flowProgress(
  verb: string,
  stream: NodeJS.WritableStream & { isTTY?: boolean },
  now: () => number = Date.now,
): FlowProgress {
  return stream.isTTY === true ? bar(verb, stream) : lines(verb, stream, now);
}

function bar(verb: string, stream: NodeJS.WritableStream): FlowProgress {
  let shown: SingleBar | undefined;
  return {
    update(done, total) {
      if (shown === undefined) {
        const format = `{bar} {percentage}%  {flows} of {all} flows ${verb}`;
        shown = new SingleBar(
          { stream, format, hideCursor: true, barsize: 30 },
          Presets.shades_classic,
        );
        shown.start(Math.max(1, total), 0, { flows: "0", all: countText(total) });
      }
      shown.update(done, { flows: countText(done), all: countText(total) });
    },
    close: () => shown?.stop(),
  };
}

function lines(verb: string, stream: NodeJS.WritableStream, now: () => number): FlowProgress {
  let last = now();
  return {
    update(done, total) {
      if (now() - last < LINE_EVERY_MS) return;
      last = now();
      stream.write(`${countText(done)} of ${countText(total)} flows ${verb} …\n`);
    },
    close: () => undefined,
  };
}
