import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { importFiles } from "@dropscope/ingester";
import * as fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { dumps, hasShared } from "../kit/shared.js";

const seed = Number(process.env["SEED"] ?? 20261122);
const folder = mkdtempSync(join(tmpdir(), "dropscope-fuzz-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function flowsIn(bytes: Uint8Array): Promise<number> {
  const path = join(folder, "dump");
  writeFileSync(path, bytes);
  let flows = 0;
  await importFiles({
    inputs: [path],
    feed: {
      push: () => {
        flows += 1;
        return "flow";
      },
      room: () => undefined,
      flush: () => Promise.resolve(),
    },
  });
  return flows;
}

const damage = fc.record({
  kind: fc.constantFrom("cut", "flip", "insert", "end" as const),
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  bytes: fc.uint8Array({ minLength: 1, maxLength: 40 }),
});

function damaged(
  whole: Buffer,
  { kind, at, bytes }: { kind: string; at: number; bytes: Uint8Array },
) {
  const place = Math.floor(at * (whole.length - 1));
  const before = whole.subarray(0, place);
  if (kind === "end") return before;
  if (kind === "insert") return Buffer.concat([before, bytes, whole.subarray(place)]);
  if (kind === "cut") return Buffer.concat([before, whole.subarray(place + bytes.length)]);
  const flipped = Buffer.from(whole);
  flipped.set(bytes, Math.min(place, whole.length - bytes.length));
  return flipped;
}

describe.skipIf(!hasShared())(`damaged dumps, SEED=${seed}`, () => {
  const small = dumps().filter(({ flows }) => flows > 1 && flows < 30);

  it("never throw; damage in a dump of lines costs the lines it touches", async () => {
    const lined = small.filter(({ name }) => name.endsWith(".jsonl"));
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...lined), damage, async (dump, how) => {
        const flows = await flowsIn(damaged(readFileSync(dump.path), how));
        // 40 bytes touch at most two lines, and one more joins them when a line break is gone.
        if (how.kind !== "end") expect(flows).toBeGreaterThanOrEqual(dump.flows - 3);
        expect(flows).toBeLessThanOrEqual(dump.flows + 1);
      }),
      { seed, numRuns: 150 },
    );
  });

  it("never throw, whatever the container", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...small),
        damage,
        fc.boolean(),
        async (dump, how, packed) => {
          const whole = readFileSync(dump.path);
          await flowsIn(damaged(packed ? gzipSync(whole) : whole, how));
        },
      ),
      { seed, numRuns: 150 },
    );
  });
});
