import {
  enumText,
  LOST_EVENT_SOURCES,
  type Flow,
  type LostEvents,
  type ObservedItem,
} from "@dropscope/model";
import { alignColumns } from "./columns.js";
import { flowText } from "./flow-text.js";
import { jsonLine } from "./json-line.js";
import { defaultMask } from "./mask.js";
import type { Output } from "./outputs.js";
import { createPaint, shown } from "./paint.js";
import { formatTime, type TimeFormat } from "./time-format.js";

export interface PrinterOptions {
  output: Output;
  /** Only compact and dict have colours. Default false. */
  color?: boolean;
  /** Default StampMilli. */
  timeFormat?: TimeFormat;
  /** `--print-node-name`. */
  nodeName?: boolean;
  /** Names instead of addresses. Default true. */
  ipTranslation?: boolean;
  /** Addresses only; wins over `ipTranslation`. */
  numeric?: boolean;
  /** Print what the hubble CLI's default field mask leaves. Default true; JSON is never masked. */
  useDefaultMasks?: boolean;
  /** What JSON shows of a flow; everything when absent. */
  fieldMask?: (flow: Flow) => Flow;
  /** `--print-policy-names`. */
  policyNames?: boolean;
  write: (text: string) => void;
}

export interface Printer {
  item(item: ObservedItem): void;
  /** Writes what is held back (a table needs all its lines to know its widths). */
  close(): void;
}

/** Lines of a table that are aligned together: beyond it, memory matters more than looks. */
const TABLE_LINES = 50_000;

/** Prints flows and losses byte for byte as `hubble observe` v1.19.4 does. */
export function createPrinter(options: PrinterOptions): Printer {
  const { output, write } = options;
  const timeFormat = options.timeFormat ?? "StampMilli";
  const nodeName = options.nodeName ?? false;
  const policyNames = options.policyNames ?? false;
  const text = {
    paint: createPaint((options.color ?? false) && output !== "table"),
    ipTranslation: (options.ipTranslation ?? true) && options.numeric !== true,
    policyNames,
  };
  let printed = 0;
  let table: string[][] = [];

  const time = (value: string | undefined): string => formatTime(value, timeFormat);
  const masked = (flow: Flow): Flow =>
    (options.useDefaultMasks ?? true) ? defaultMask(flow, policyNames) : flow;

  /** Source, words and range of a loss. */
  function loss(lost: LostEvents, joint: string): { source: string; summary: string } {
    const count = shown(lost.num_events_lost ?? "0");
    const range =
      lost.first === undefined || lost.last === undefined
        ? ""
        : ` (first: ${time(lost.first)}, last: ${time(lost.last)})`;
    return {
      source: shown(enumText(LOST_EVENT_SOURCES, lost.source)),
      summary: `CPU(${lost.cpu ?? 0})${joint}${count}${range}`,
    };
  }

  function compact({ flow, lost_events: lost, time: sent }: ObservedItem): void {
    if (flow !== undefined) {
      const seen = masked(flow);
      const it = flowText(seen, text);
      const node = nodeName ? ` [${shown(seen.node_name)}]` : "";
      const from = `${it.source} ${it.sourceIdentity}`;
      const to = `${it.destination} ${it.destinationIdentity}`;
      // Client first: a reply's ends are turned round, and so is the arrow.
      const ends =
        seen.is_reply === undefined
          ? `${from} <> ${to}`
          : seen.is_reply
            ? `${to} <- ${from}`
            : `${from} -> ${to}`;
      write(`${time(seen.time)}${node}: ${ends} ${it.event} ${it.verdict} (${it.summary})\n`);
    } else if (lost !== undefined) {
      const { source, summary } = loss(lost, " ");
      write(`${time(sent)} EVENTS LOST: ${source} ${summary}\n`);
    }
  }

  function dict({ flow, lost_events: lost, time: sent, node_name: node }: ObservedItem): void {
    const lines: [string, string][] = [];
    if (flow !== undefined) {
      const seen = masked(flow);
      const it = flowText(seen, text);
      lines.push(["TIMESTAMP", time(seen.time)]);
      if (nodeName) lines.push(["NODE", shown(seen.node_name)]);
      lines.push(
        ["SOURCE", it.source],
        ["DESTINATION", it.destination],
        ["TYPE", it.event],
        ["VERDICT", it.verdict],
        ["SUMMARY", it.summary],
      );
    } else if (lost !== undefined) {
      const { source, summary } = loss(lost, " - ");
      lines.push(["TIMESTAMP", time(sent)]);
      if (nodeName) lines.push(["NODE", shown(node) || "-"]);
      lines.push(
        ["SOURCE", source],
        ["TYPE", "EVENTS LOST"],
        ["VERDICT", "-"],
        ["SUMMARY", summary],
      );
    }
    const body = lines.map(([key, value]) => `${key.padStart(11)}: ${value}\n`).join("");
    write(printed === 0 ? body : `------------\n${body}`);
  }

  function row({ flow, lost_events: lost, time: sent, node_name: node }: ObservedItem): void {
    const line = (at: string, where: string, ...cells: string[]): void => {
      table.push(nodeName ? [at, where, ...cells] : [at, ...cells]);
    };
    if (printed === 0) {
      line("TIMESTAMP", "NODE", "SOURCE", "DESTINATION", "TYPE", "VERDICT", "SUMMARY");
    }
    if (flow !== undefined) {
      const seen = masked(flow);
      const it = flowText(seen, text);
      const where = shown(seen.node_name);
      line(time(seen.time), where, it.source, it.destination, it.event, it.verdict, it.summary);
    } else if (lost !== undefined) {
      const { source, summary } = loss(lost, " - ");
      line(time(sent), shown(node) || "-", source, "-", "EVENTS LOST", "-", summary);
    }
    if (table.length >= TABLE_LINES) flushTable();
  }

  function flushTable(): void {
    if (table.length > 0) write(alignColumns(table));
    table = [];
  }

  return {
    item(item) {
      if (item.flow === undefined && item.lost_events === undefined) return;
      switch (output) {
        case "compact":
          compact(item);
          break;
        case "dict":
          dict(item);
          break;
        case "table":
          row(item);
          break;
        case "json":
        case "jsonpb":
          write(
            `${jsonLine(options.fieldMask && item.flow ? { ...item, flow: options.fieldMask(item.flow) } : item)}\n`,
          );
          break;
      }
      printed += 1;
    },
    close: flushTable,
  };
}
