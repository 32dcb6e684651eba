import { type DnsFinding, formatTimeNs } from "@dropscope/model";
import type { ProblemRecord } from "@dropscope/store";
import { dnsLink } from "../dns/index.js";
import type { ProblemBook } from "../problems/index.js";

/** Joins findings to the problems whose drops they are made of, or that came after failed lookups. */
export function linkFindings(book: ProblemBook, findings: readonly DnsFinding[]): void {
  if (findings.length === 0) return;
  const byClient = new Map<string, ProblemRecord[]>();
  for (const record of book.records()) {
    const { namespace, name } = record.source;
    const key = `${namespace}/${name}`;
    const others = byClient.get(key);
    if (others === undefined) byClient.set(key, [record]);
    else others.push(record);
  }
  for (const finding of findings) {
    const { client, id, evidence, failedAfter = [] } = finding;
    for (const record of byClient.get(`${client.namespace}/${client.name}`) ?? [])
      if (dnsLink(finding, partOf(record)) !== undefined) book.link(record.id, id);
    for (const uuid of [...evidence, ...failedAfter]) {
      const problem = book.problemOf(uuid);
      if (problem !== undefined) book.link(problem, id);
    }
  }
}

function partOf(record: ProblemRecord): Parameters<typeof dnsLink>[1] {
  const { source, destination, direction, port, samples, firstNs, lastNs } = record;
  return {
    source,
    destination,
    direction,
    port,
    samples: samples.map(({ uuid }) => uuid),
    firstSeen: formatTimeNs(firstNs),
    lastSeen: formatTimeNs(lastNs),
  };
}
