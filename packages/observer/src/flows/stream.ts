import { type Clock, isOutage, type Viewer } from "@dropscope/model";
import type { FlowBlock, FlowBlocks, FlowReader, LandedBatch, TailCursor } from "@dropscope/store";
import { createFlowEncoder, type FlowEncoder } from "../encode/encoder.js";
import type { Call } from "../grpc/call.js";
import type { Gate } from "./gate.js";
import { backAgain, noticesOf, type Notice } from "./outages.js";
import { readRequest, type FlowsQuery } from "./request.js";
import type { Tail } from "./tail.js";

export interface FlowsService {
  readonly reader: Pick<FlowReader, "gaps" | "totals">;
  readonly blocks: FlowBlocks;
  readonly tail: Tail;
  readonly viewer: Viewer;
  readonly clock: Clock;
  /** Streams at once. */
  readonly streams: Gate;
  /** Streams that read history at once: each holds a query of the engine. */
  readonly queries: Gate;
}

/** Answers observer.Observer/GetFlows. */
export async function getFlows(call: Call, service: FlowsService): Promise<void> {
  const leave = service.streams.enter();
  try {
    const query = readRequest(await call.message());
    call.begin();
    const stream = new FlowStream(call, service, query);
    if (query.follow) await stream.follow();
    else await stream.history(undefined);
  } finally {
    leave();
  }
}

class FlowStream {
  readonly #call: Call;
  readonly #service: FlowsService;
  readonly #query: FlowsQuery;
  readonly #encoder: FlowEncoder;

  constructor(call: Call, service: FlowsService, query: FlowsQuery) {
    this.#call = call;
    this.#service = service;
    this.#query = query;
    this.#encoder = createFlowEncoder(service.viewer, query.mask);
  }

  /** What is stored, oldest first; `asOf` leaves out what the tail will bring. */
  async history(asOf: TailCursor | undefined): Promise<void> {
    const { blocks, queries, viewer } = this.#service;
    const { selection, since, until, first, last } = this.#query;
    const { signal } = this.#call;
    const leave = await queries.wait(signal);
    try {
      const open = await blocks.open(
        {
          viewer,
          selection,
          ...(since === undefined ? {} : { since }),
          ...(until === undefined ? {} : { until }),
          ...(first === undefined ? {} : { first }),
          ...(last === undefined ? {} : { last }),
          ...(asOf === undefined ? {} : { asOf }),
        },
        signal,
      );
      const notices = open.quiet ? [] : await this.#notices(open.losses);
      const losses = open.quiet ? none() : blocks.losses(open.losses, signal);
      await this.#send(open.blocks(), notices, losses);
    } finally {
      leave();
    }
  }

  /** First what is asked for up to now, then what lands: each flow in exactly one of the two. */
  async follow(): Promise<void> {
    const { signal } = this.#call;
    const following = await this.#service.tail.follow(signal);
    try {
      if (!this.#query.onlyNew) await this.history(following.from);
      await this.#call.flush();
      for (;;) {
        const batches = await following.next();
        await this.#landed(batches);
        if (this.#isPast(batches)) return;
      }
    } finally {
      following.leave();
    }
  }

  async #landed(batches: readonly LandedBatch[]): Promise<void> {
    const { blocks, queries, viewer } = this.#service;
    const { selection, since, until } = this.#query;
    const { signal } = this.#call;
    const range = {
      ...(since === undefined ? {} : { since }),
      ...(until === undefined ? {} : { until }),
    };
    const leave = await queries.wait(signal);
    try {
      const open = await blocks.open(
        { viewer, selection, batches, ...spanOf(batches, range) },
        signal,
      );
      const told = await blocks.outagesOf(batches, signal);
      const notices = [
        ...noticesOf(told.filter((gap) => gap.to === undefined || gap.cause === "ring-wrapped")),
        ...told.filter((gap) => gap.to !== undefined && isOutage(gap)).map(backAgain),
      ];
      await this.#send(open.blocks(), notices, blocks.losses({ ...range, batches }, signal));
    } finally {
      leave();
    }
  }

  /** A stream with an end is over with the first flow that is later. */
  #isPast(batches: readonly LandedBatch[]): boolean {
    const { until } = this.#query;
    return until !== undefined && batches.some((batch) => batch.maxTimeNs > until);
  }

  async #notices(range: { since?: bigint; until?: bigint }): Promise<Notice[]> {
    const { reader } = this.#service;
    return noticesOf(await reader.gaps(range, this.#call.signal));
  }

  /** Flows and what is said about missing ones, merged by time. */
  async #send(
    blocks: AsyncIterable<FlowBlock>,
    notices: readonly Notice[],
    losses: AsyncIterable<{ timeNs: bigint; item: object }>,
  ): Promise<void> {
    const call = this.#call;
    const encoder = this.#encoder;
    const others = mergedNotices(notices, losses)[Symbol.asyncIterator]();
    try {
      let other = await others.next();
      for await (const block of blocks) {
        encoder.start(block);
        for (let row = block.from; row < block.to; row++) {
          while (other.done !== true && other.value.timeNs <= block.timeNs(row)) {
            call.add(encoder.message(other.value.message));
            other = await others.next();
          }
          const bytes = encoder.flow(row);
          if (bytes !== undefined && call.add(bytes)) await call.flush();
        }
        // What is there goes out: the next block may be long in coming.
        await call.flush();
      }
      while (other.done !== true) {
        if (call.add(encoder.message(other.value.message))) await call.flush();
        other = await others.next();
      }
      await call.flush();
    } finally {
      await others.return?.(undefined);
    }
  }
}

async function* none(): AsyncGenerator<never> {}

async function* mergedNotices(
  notices: readonly Notice[],
  losses: AsyncIterable<{ timeNs: bigint; item: object }>,
): AsyncGenerator<Notice> {
  let at = 0;
  for await (const { timeNs, item } of losses) {
    for (; at < notices.length && (notices[at] as Notice).timeNs <= timeNs; at++)
      yield notices[at] as Notice;
    yield { timeNs, message: item };
  }
  yield* notices.slice(at);
}

/** With both ends known nobody has to look for them. */
function spanOf(
  batches: readonly LandedBatch[],
  range: { since?: bigint; until?: bigint },
): { since: bigint; until: bigint } {
  let since = range.since;
  let until = range.until;
  const from = batches.reduce(
    (min, batch) => (batch.minTimeNs < min ? batch.minTimeNs : min),
    LAST_NS,
  );
  const to = batches.reduce((max, batch) => (batch.maxTimeNs > max ? batch.maxTimeNs : max), 0n);
  if (since === undefined || since < from) since = from;
  if (until === undefined || until > to) until = to;
  return { since, until };
}

const LAST_NS = 2n ** 63n - 1n;
