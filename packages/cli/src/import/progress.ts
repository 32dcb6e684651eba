import type { ImportProgress } from "@dropscope/ingester";
import type { Clock } from "@dropscope/model";
import { Presets, SingleBar } from "cli-progress";
import { bytesText, countText } from "./units.js";

export interface ProgressOptions {
  /** Where it is shown: standard error, so that standard output stays clean. */
  stream: NodeJS.WritableStream & { isTTY?: boolean };
  /** Number of inputs, for "2 of 5". */
  files: number;
  clock: Clock;
}

export interface ProgressView {
  update(progress: ImportProgress): void;
  close(): void;
}

/** Lines of one file are at least this far apart, ms. */
const LINE_EVERY_MS = 5_000;

/** A bar on a terminal; elsewhere a line every few seconds and one per file. */
export function createProgress(options: ProgressOptions): ProgressView {
  return options.stream.isTTY === true ? bars(options) : lines(options);
}

function bars({ stream, files }: ProgressOptions): ProgressView {
  let bar: SingleBar | undefined;
  let current = -1;

  function stop(): void {
    bar?.stop();
    bar = undefined;
  }

  return {
    update(progress) {
      if (progress.index !== current) {
        stop();
        current = progress.index;
        // Without a known size there is nothing to fill: only the figures move.
        const fill = progress.bytesTotal === undefined ? "" : " {bar} {percentage}%";
        const format = `{name}${place(progress, files)}${fill}  {size}  {flows} flows`;
        bar = new SingleBar(
          { stream, format, hideCursor: true, barsize: 30 },
          Presets.shades_classic,
        );
        bar.start(Math.max(1, progress.bytesTotal ?? 1), 0, figures(progress));
      }
      const position = progress.bytesTotal === undefined ? 0 : progress.bytesRead;
      bar?.update(progress.done && progress.bytesTotal === 0 ? 1 : position, figures(progress));
      if (progress.done) stop();
    },
    close: stop,
  };
}

function figures(progress: ImportProgress): { name: string; size: string; flows: string } {
  return {
    name: progress.name,
    size: bytesText(progress.bytesRead),
    flows: countText(progress.read),
  };
}

function lines({ stream, files, clock }: ProgressOptions): ProgressView {
  let current = -1;
  let last = 0;
  return {
    update(progress) {
      const now = clock.now();
      if (progress.index !== current) {
        current = progress.index;
        last = now;
      }
      if (!progress.done && now - last < LINE_EVERY_MS) return;
      last = now;
      const of = progress.bytesTotal === undefined ? "" : ` of ${bytesText(progress.bytesTotal)}`;
      stream.write(
        `${progress.name}${place(progress, files)}: ${bytesText(progress.bytesRead)}${progress.done ? "" : of}, ` +
          `${countText(progress.read)} flows${progress.done ? "" : " …"}\n`,
      );
    },
    close() {},
  };
}

const place = (progress: ImportProgress, files: number): string =>
  files > 1 ? ` (${progress.index + 1} of ${files})` : "";
