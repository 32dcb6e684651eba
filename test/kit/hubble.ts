import { imbalance } from "@dropscope/ingester";
import {
  FakeRelay,
  createTestPipeline,
  flowBytes,
  until,
  uuidOf,
  type FakeRelayOptions,
  type TestPipeline,
  type TestPipelineOptions,
} from "@dropscope/ingester/testing";
import { expect } from "vitest";

/** Mints numbered flows into a fake relay, and knows which were issued. */
export interface Traffic {
  /** The next `n` flows of the node, now. */
  flows(node: string, n: number, paddingBytes?: number): void;
  readonly issued: number;
}

export interface HubbleBench {
  relay: FakeRelay;
  /** A pipeline that is stopped with the bench. */
  pipeline(options?: Partial<TestPipelineOptions>): TestPipeline;
  traffic(pipeline: TestPipeline): Traffic;
  close(): Promise<void>;
}

export async function createHubbleBench(options: FakeRelayOptions = {}): Promise<HubbleBench> {
  const relay = await new FakeRelay(options).start();
  const pipelines: TestPipeline[] = [];
  let issued = 0;
  return {
    relay,
    pipeline(more = {}) {
      const pipeline = createTestPipeline({ target: relay.address, ...more });
      pipelines.push(pipeline);
      return pipeline;
    },
    traffic: ({ clock }) => ({
      flows(node, n, paddingBytes = 0) {
        for (let i = 0; i < n; i++) {
          // Distinct ns within the ms, as real agents have them.
          const timeNs = BigInt(Math.trunc(clock.now())) * 1_000_000n + BigInt(issued % 1_000_000);
          relay.emit(
            node,
            timeNs,
            padded(flowBytes({ node, timeNs, uuid: uuidOf(issued++) }), paddingBytes),
          );
        }
      },
      get issued() {
        return issued;
      },
    }),
    async close() {
      await Promise.all(pipelines.map((pipeline) => pipeline.source.stop(2_000)));
      relay.stop();
    },
  };
}

/** Sealed flows by id: how many of the issued are missing, and how many were sealed twice. */
export function compare(pipelines: TestPipeline | TestPipeline[], issued: number) {
  const rows = [pipelines].flat().flatMap((pipeline) => pipeline.rows());
  const seen = new Set(rows.map((row) => row.uuid));
  let missing = 0;
  for (let n = 0; n < issued; n++) if (!seen.has(uuidOf(n).replaceAll("-", ""))) missing++;
  return { missing, repeated: rows.length - seen.size };
}

export async function allSealed(pipeline: TestPipeline, flows: number): Promise<void> {
  await until(`${flows} sealed flows`, () => pipeline.door.flows >= flows);
}

/** R24: the books balance, and agree with what the door holds. */
export function expectBooks(pipeline: TestPipeline): void {
  const books = pipeline.feed.books();
  expect(imbalance(books)).toBe(0);
  expect(books.sealed).toBe(pipeline.door.flows);
  expect(pipeline.gaps.length).toBe(books.gaps);
}

/** A member that this build does not know (number 2000), to make a message big. */
function padded(bytes: Uint8Array, paddingBytes: number): Uint8Array {
  if (paddingBytes === 0) return bytes;
  const length = [
    (paddingBytes & 127) | 128,
    ((paddingBytes >> 7) & 127) | 128,
    paddingBytes >> 14,
  ];
  return Buffer.concat([bytes, Buffer.from([0x82, 0x7d, ...length]), Buffer.alloc(paddingBytes)]);
}
