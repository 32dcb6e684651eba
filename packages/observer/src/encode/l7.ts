import type { Wire } from "@dropscope/hubble";
import type { Coded, Lists, Texts } from "@dropscope/store";
import type { Columns } from "./columns.js";
import { putCoded, putInt32, putNumber, putText, putTexts, putWords } from "./put.js";
import { bytes } from "./tags.js";

const DNS = 1;
const HTTP = 2;

/** Writes `flow.Layer7`. */
export function createLayer7(columns: Columns): (wire: Wire, number: number, row: number) => void {
  const protocol = columns.numbers("l7_protocol");
  const type = columns.numbers("l7_type");
  const latency = columns.words("l7_latency_ns");
  const dns = createDns(columns);
  const http = createHttp(columns);
  return (wire, number, row) => {
    const mark = wire.open(bytes(number));
    putInt32(wire, 1, type[row] as number);
    putWords(wire, 2, latency, row);
    if (protocol[row] === DNS) dns(wire, 100, row);
    if (protocol[row] === HTTP) http(wire, 101, row);
    wire.close(mark);
  };
}

function createDns(columns: Columns): (wire: Wire, number: number, row: number) => void {
  const query = columns.texts("dns_query");
  const [ips, cnames, qtypes, rrtypes] = ["ips", "cnames", "qtypes", "rrtypes"].map((name) =>
    columns.lists(`dns_${name}`),
  ) as [Lists, Lists, Lists, Lists];
  const ttl = columns.numbers("dns_ttl");
  const source = columns.coded("dns_source");
  const rcode = columns.numbers("dns_rcode");
  return (wire, number, row) => {
    const mark = wire.open(bytes(number));
    putText(wire, 1, query, row);
    putTexts(wire, 2, ips, row);
    putNumber(wire, 3, ttl[row] as number);
    putTexts(wire, 4, cnames, row);
    putCoded(wire, 5, source, row);
    putNumber(wire, 6, rcode[row] as number);
    putTexts(wire, 7, qtypes, row);
    putTexts(wire, 8, rrtypes, row);
    wire.close(mark);
  };
}

function createHttp(columns: Columns): (wire: Wire, number: number, row: number) => void {
  const code = columns.numbers("http_code");
  const method = columns.coded("http_method");
  const url = columns.texts("http_url");
  const protocol = columns.coded("http_protocol");
  const names = columns.lists("http_header_names");
  const values = columns.lists("http_header_values");
  const name = names.items as Coded;
  const value = values.items as Texts;
  return (wire, number, row) => {
    const mark = wire.open(bytes(number));
    putNumber(wire, 1, code[row] as number);
    putCoded(wire, 2, method, row);
    putText(wire, 3, url, row);
    putCoded(wire, 4, protocol, row);
    const from = row === 0 ? 0 : (names.ends[row - 1] as number);
    const first = row === 0 ? 0 : (values.ends[row - 1] as number);
    const count = (names.ends[row] as number) - from;
    for (let at = 0; at < count; at++) {
      const header = wire.open(bytes(5));
      putCoded(wire, 1, name, from + at);
      if (first + at < (values.ends[row] as number)) putText(wire, 2, value, first + at);
      wire.close(header);
    }
    wire.close(mark);
  };
}
