import { Readable } from "node:stream";
import {
  AUDIT_REASONS,
  type AuditFinding,
  type AuditReason,
  compileSelection,
  cutAuditFinding,
  cutDnsFinding,
  cutFlow,
  cutProblem,
  type DnsFinding,
  type DropExplanation,
  type Flow,
  type Problem,
  type Viewer,
} from "@dropscope/model";
import { mayStartIn } from "@dropscope/model";
import { parseManifests, PROFILES, type CatalogObject } from "@dropscope/policy";
import type { AuditQuery, ObjectQuery, StoredVersion, TrafficEdge } from "@dropscope/store";
import { createFold } from "@dropscope/tuning";
import type { Knowledge } from "../knowledge.js";
import { regex } from "../query/filter.js";
import { createMemorySaved } from "./memory-saved.js";

/** Lookups of one minute (ms): questions where `rcode` is absent, else answers. */
export interface StoredLookup {
  readonly minute: number;
  readonly namespace: string;
  readonly rcode?: number;
  readonly count: number;
}

/** What the correlator would have stored, in memory; tests put it there. */
export interface MemoryKnowledge extends Knowledge {
  readonly stored: {
    problems: Problem[];
    explanations: Map<string, { explanation: DropExplanation; problem: string }>;
    findings: DnsFinding[];
    audited: AuditFinding[];
    versions: (StoredVersion & { readonly manifest: string })[];
    traffic: TrafficEdge[];
    /** Flows that `observed` folds. */
    flows: Flow[];
    lookups: StoredLookup[];
    /** Drops by minute (ms), by problem. */
    minutes: Map<string, Map<number, number>>;
  };
  /** Everything of a YAML text as it was from one moment to another, ms. */
  addManifests(yaml: string, from?: number, to?: number): void;
  /** Every call throws this while it is set. */
  fault: Error | undefined;
}

export function createMemoryKnowledge(): MemoryKnowledge {
  const stored: MemoryKnowledge["stored"] = {
    problems: [],
    explanations: new Map(),
    findings: [],
    audited: [],
    versions: [],
    traffic: [],
    flows: [],
    lookups: [],
    minutes: new Map(),
  };

  function check(signal: AbortSignal | undefined): void {
    signal?.throwIfAborted();
    if (knowledge.fault !== undefined) throw knowledge.fault;
  }

  const seen = (viewer: Viewer): Problem[] =>
    stored.problems.flatMap((one) => cutProblem(one, viewer) ?? []);

  const versionsFor = (query: ObjectQuery): (StoredVersion & { readonly manifest: string })[] => {
    const { viewer, since, until, kinds, namespace, name } = query;
    return stored.versions.filter(
      (one) =>
        (one.namespace === "" || mayStartIn(viewer, one.namespace)) &&
        (since === undefined || one.to > since) &&
        (until === undefined || one.from <= until) &&
        (kinds === undefined || kinds.includes(one.kind)) &&
        (namespace === undefined || one.namespace === namespace) &&
        (name === undefined || one.name === name),
    );
  };

  const auditedFor = ({ viewer, range, namespace }: AuditQuery): AuditFinding[] => {
    const ns = (text: string): bigint => BigInt(Date.parse(text)) * 1_000_000n;
    return stored.audited
      .filter(
        ({ subject, peer, firstSeen, lastSeen }) =>
          (namespace === undefined || [subject, peer].some((end) => end.namespace === namespace)) &&
          (range?.since === undefined || ns(lastSeen) >= range.since) &&
          (range?.until === undefined || ns(firstSeen) <= range.until),
      )
      .toSorted((a, b) => Date.parse(b.lastSeen) - Date.parse(a.lastSeen))
      .flatMap((one) => cutAuditFinding(one, viewer) ?? []);
  };

  const knowledge: MemoryKnowledge = {
    stored,
    fault: undefined,
    profile: PROFILES.cilium,
    saved: createMemorySaved(() => check(undefined)),
    exporter: {
      async export(_format, _query, signal) {
        check(signal);
        // Flows are the reader's; tests of the files themselves ask a real engine.
        return { expected: 0, bytes: () => Readable.from([Buffer.from("time\n")]) };
      },
    },
    async space(_now, signal) {
      check(signal);
      return { tables: [], classes: [], bytes: 0, flows: 0, disks: [], removals: [] };
    },
    addManifests(yaml, from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY) {
      for (const text of yaml.split(/^---\n/m)) {
        const read = parseManifests(text, "manifests.yaml");
        const add = (object: CatalogObject): void => {
          const { kind, namespace, name, value } = object;
          stored.versions.push({
            kind,
            namespace,
            name,
            from,
            to,
            spec: value,
            uid: "",
            resourceVersion: "",
            content: `${kind}/${namespace}/${name}@${from}`,
            source: "folder",
            manifest: kind === "Pod" ? "" : text,
          });
        };
        const [policy] = read.policies;
        if (policy !== undefined) add({ ...policy, value: read.policies });
        for (const value of read.workloads)
          add({ kind: "Pod", namespace: value.namespace, name: value.name, value });
        for (const value of read.namespaces)
          add({ kind: "Namespace", namespace: "", name: value.name, value });
        for (const value of read.services)
          add({ kind: "Service", namespace: value.namespace, name: value.name, value });
      }
    },
    problems: {
      async problems({ viewer, range, states, asOf, limit = 500 }, signal) {
        check(signal);
        const ns = (text: string): bigint => BigInt(Date.parse(text)) * 1_000_000n;
        return seen(viewer)
          .filter(
            (one) =>
              (asOf === undefined || Date.parse(one.firstSeen) <= asOf) &&
              (range?.since === undefined || ns(one.lastSeen) >= range.since) &&
              (range?.until === undefined || ns(one.firstSeen) <= range.until) &&
              (states === undefined || states.includes(one.state)),
          )
          .slice(0, limit);
      },
      async problem(id, viewer, _options, signal) {
        check(signal);
        return seen(viewer).find((one) => one.id === id);
      },
      async timeline(id, { since, until, stepMs }, signal) {
        check(signal);
        const from = Math.floor(Number(since / 1_000_000n) / stepMs) * stepMs;
        const to = Number(until / 1_000_000n);
        const counts = Array.from<number>({ length: Math.floor((to - from) / stepMs) + 1 }).fill(0);
        for (const [minute, count] of stored.minutes.get(id) ?? []) {
          const at = Math.floor((minute - from) / stepMs);
          if (at >= 0 && at < counts.length) counts[at] = (counts[at] ?? 0) + count;
        }
        return { from, to, stepMs, series: [{ key: "default-deny", counts }], gaps: [] };
      },
      async explanationOf(uuid, _viewer, signal) {
        check(signal);
        const found = stored.explanations.get(uuid);
        return found && { uuid, timeNs: 0n, ...found };
      },
      async flowsOf(_id, _query, signal) {
        check(signal);
        return [];
      },
      async dnsFindings({ viewer, ids }, signal) {
        check(signal);
        return stored.findings
          .filter(({ id }) => ids === undefined || ids.includes(id))
          .flatMap((one) => cutDnsFinding(one, viewer) ?? []);
      },
      correlatedUntil: async () => 0,
    },
    audit: {
      async auditFindings(query, signal) {
        check(signal);
        const { limit = 500, offset = 0 } = query;
        return auditedFor(query).slice(offset, offset + limit);
      },
      async auditCounts(query, signal) {
        check(signal);
        const found = auditedFor(query);
        const counts = AUDIT_REASONS.map(
          (reason) => [reason, found.filter((one) => one.reason === reason).length] as const,
        );
        return Object.fromEntries(counts) as Record<AuditReason, number>;
      },
    },
    objects: {
      async epoch(at, signal) {
        check(signal);
        const times = stored.versions.flatMap(({ from, to }) => [from, to]);
        return JSON.stringify([times.length, Math.max(0, ...times.filter((one) => one <= at))]);
      },
      async versions(query, signal) {
        check(signal);
        return versionsFor(query);
      },
      async loadVersions(query, signal) {
        check(signal);
        return versionsFor(query);
      },
      async manifests(hashes, viewer, signal) {
        check(signal);
        const found = versionsFor({ viewer }).filter(({ content }) => hashes.includes(content));
        return new Map(found.map(({ content, manifest }) => [content, manifest]));
      },
      watches: async () => [],
    },
    observed: {
      async traffic({ viewer, selection, since, until, most }, signal) {
        check(signal);
        const matches = compileSelection(selection, { regex });
        const fold = createFold({
          matches: (flow) => matches(flow),
          ...(since === undefined ? {} : { sinceNs: since }),
          ...(until === undefined ? {} : { untilNs: until }),
          ...(most === undefined ? {} : { most }),
        });
        for (const flow of stored.flows) {
          const seen = cutFlow(flow, viewer);
          if (seen !== undefined) fold.add(seen);
        }
        return fold.result();
      },
    },
    compare: {
      async edges(_query, signal) {
        check(signal);
        return { edges: [], counts: { verdict: 0, drops: 0, new: 0, vanished: 0, same: 0 } };
      },
      async verdicts(_query, signal) {
        check(signal);
        return [];
      },
      since: async () => ({ flows: 0n, counts: 0n }),
    },
    views: {
      async lookups({ viewer, since, until, stepMs }, signal) {
        check(signal);
        const from = Math.floor(Number(since / 1_000_000n) / stepMs) * stepMs;
        const steps = Math.floor((Number(until / 1_000_000n) - from) / stepMs) + 1;
        const zeros = (): number[] => Array.from({ length: steps }, () => 0);
        const asked = zeros();
        const answered = new Map<number, number[]>();
        for (const { minute, namespace, rcode, count } of stored.lookups) {
          const at = Math.floor((minute - from) / stepMs);
          if (at < 0 || at >= steps || !mayStartIn(viewer, namespace)) continue;
          const counts = rcode === undefined ? asked : (answered.get(rcode) ?? zeros());
          if (rcode !== undefined) answered.set(rcode, counts);
          counts[at] = (counts[at] ?? 0) + count;
        }
        return { from, to: from + steps * stepMs, stepMs, asked, answered };
      },
      async trends(ids, { since, stepMs, steps }, signal) {
        check(signal);
        const from = Number(since / 1_000_000n);
        const found = new Map<string, number[]>();
        for (const id of ids) {
          const counts = Array.from<number>({ length: steps }).fill(0);
          for (const [minute, count] of stored.minutes.get(id) ?? []) {
            const at = Math.floor((minute - from) / stepMs);
            if (at >= 0 && at < steps) counts[at] = (counts[at] ?? 0) + count;
          }
          found.set(id, counts);
        }
        return found;
      },
      async traffic({ limit }, signal) {
        check(signal);
        return { edges: stored.traffic.slice(0, limit), total: stored.traffic.length };
      },
    },
  };
  return knowledge;
}
