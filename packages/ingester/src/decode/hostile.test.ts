import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { messageInit } from "../../../../test/kit/flow-arbitrary.js";
import { flowBytes } from "../../../../test/kit/generic-flow.js";
import { rowsOf } from "../../../../test/kit/native-reader.js";
import { FlowSchema } from "@dropscope/hubble";
import { createDecoder } from "./decoder.js";
import { type DecoderOptions, REJECT_REASONS } from "./types.js";

const STAMP = { id: 7n, storedOn: 20_000, nowMs: 1_700_000_000_000 };
const GOOD = flowBytes({
  uuid: "01234567-89ab-cdef-0123-456789abcdef",
  nodeName: "n",
  Summary: "good",
});

function wire(write: (w: BinaryWriter) => void): Uint8Array {
  const writer = new BinaryWriter();
  write(writer);
  return writer.finish();
}

/** A response whose flow has the given bytes. */
function raw(flow: Uint8Array): Uint8Array {
  return wire((w) => w.tag(1, WireType.LengthDelimited).bytes(flow));
}

function stored(bytes: Uint8Array, options?: DecoderOptions) {
  const decoder = createDecoder(options);
  expect(decoder.decodeResponse(bytes)).toMatchObject({ kind: "flow" });
  decoder.commit();
  const { blocks } = decoder.finish(STAMP);
  return { row: rowsOf(blocks, "flows")[0]!, blocks };
}

describe("S23: malformed messages are rejected, and the stream lives", () => {
  const groups = (depth: number) =>
    wire((w) => {
      for (let i = 0; i < depth; i++) w.tag(50, WireType.StartGroup);
      for (let i = 0; i < depth; i++) w.tag(50, WireType.EndGroup);
    });
  const nested = (depth: number) => {
    let bytes: Uint8Array = new Uint8Array();
    for (let i = 0; i < depth; i++) {
      const inner = bytes;
      bytes = wire((w) => w.tag(6, WireType.LengthDelimited).bytes(inner));
    }
    return bytes;
  };

  it.each([
    ["a length beyond the message", Uint8Array.of(10, 200, 1, 8), "truncated"],
    ["a length of 2^31", Uint8Array.of(10, 255, 255, 255, 255, 7), "truncated"],
    ["a length of 2^32 + 1", raw(Uint8Array.of(90, 129, 128, 128, 128, 16, 65)), "truncated"],
    [
      "a varint of 11 bytes",
      raw(Uint8Array.of(16, ...Array.from({ length: 10 }, () => 255), 1)),
      "bad-varint",
    ],
    ["a number that ends early", raw(Uint8Array.of(16, 128)), "truncated"],
    ["a fixed number that ends early", raw(Uint8Array.of(0xa5, 6, 1, 2)), "truncated"],
    ["field number 0", raw(Uint8Array.of(2, 1, 65)), "bad-tag"],
    ["a string where a number belongs", raw(Uint8Array.of(18, 1, 65)), "wire-type"],
    ["a number where a message belongs", Uint8Array.of(8, 1), "wire-type"],
    ["wire type 7", raw(Uint8Array.of(0xa7, 6)), "wire-type"],
    ["a group", raw(groups(1)), "wire-type"],
    ["10,000 nested groups", raw(groups(10_000)), "wire-type"],
    [
      "10,000 nested groups in a rare message",
      raw(wire((w) => w.tag(39, WireType.LengthDelimited).bytes(groups(10_000)))),
      "too-deep",
    ],
    [
      "a field of l4 as a fixed number",
      raw(wire((w) => w.tag(6, WireType.LengthDelimited).bytes(Uint8Array.of(13, 0, 0, 0, 0)))),
      "wire-type",
    ],
    ["more than 4 MiB", new Uint8Array(4 * 1024 * 1024 + 1), "too-large"],
    ["16 MiB and a byte", new Uint8Array(16 * 1024 * 1024 + 1), "too-large"],
  ])("%s", (_, bytes, reason) => {
    const decoder = createDecoder();
    const seen = decoder.decodeResponse(bytes);
    expect(seen.kind === "rejected" && REJECT_REASONS.includes(seen.reason)).toBe(true);
    expect(seen).toEqual({ kind: "rejected", reason });
    expect(decoder.decodeResponse(GOOD)).toMatchObject({ kind: "flow", node: "n" });
  });

  it("10,000 nested messages in a field that nobody knows are only bytes", () => {
    const bytes = raw(wire((w) => w.tag(50, WireType.LengthDelimited).bytes(nested(2000))));
    expect(createDecoder().decodeResponse(bytes)).toMatchObject({ kind: "flow" });
  });

  it("every prefix of a message is rejected or a whole message", () => {
    const decoder = createDecoder();
    const [whole] = fc.sample(messageInit(FlowSchema), { numRuns: 1, seed: 4 });
    const bytes = flowBytes(whole);
    for (let end = 0; end < bytes.length; end++)
      expect(["rejected", "ignored", "flow"]).toContain(
        decoder.decodeResponse(bytes.subarray(0, end)).kind,
      );
  });

  it("mutated messages never throw, and the next good one is decoded", () => {
    const kinds = new Map<string, number>();
    const decoder = createDecoder({ capacity: 200 });
    fc.assert(
      fc.property(
        messageInit(FlowSchema),
        fc.array(
          fc.tuple(fc.nat(), fc.nat(255), fc.constantFrom("set", "cut", "insert", "twice")),
          {
            minLength: 1,
            maxLength: 4,
          },
        ),
        (init, changes) => {
          let bytes = Buffer.from(flowBytes(init));
          for (const [where, byte, how] of changes) {
            const at = where % (bytes.length + 1);
            const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
            if (how === "set" && at < bytes.length) bytes[at] = byte;
            else if (how === "cut")
              bytes = Buffer.concat([before, after.subarray(1 + (byte & 15))]);
            else if (how === "insert") bytes = Buffer.concat([before, Buffer.from([byte]), after]);
            else bytes = Buffer.concat([before, after, after]);
          }
          const seen = decoder.decodeResponse(bytes);
          kinds.set(seen.kind, (kinds.get(seen.kind) ?? 0) + 1);
          if (seen.kind === "rejected") expect(seen.reason).not.toBe("internal");
          if (decoder.full())
            for (const block of decoder.finish(STAMP).blocks) rowsOf([block], block.table);
          decoder.commit();
          expect(decoder.decodeResponse(GOOD)).toMatchObject({ kind: "flow", node: "n" });
        },
      ),
      { numRuns: 600 },
    );
    // Control: the mutations reach both sides.
    expect(kinds.get("rejected")).toBeGreaterThan(50);
    expect(kinds.get("flow")).toBeGreaterThan(10);
  });

  it("random bytes never throw", () => {
    const decoder = createDecoder();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(decoder.decodeResponse(bytes)).not.toEqual({ kind: "rejected", reason: "internal" });
        expect(decoder.decodeResponse(raw(bytes))).not.toEqual({
          kind: "rejected",
          reason: "internal",
        });
      }),
      { numRuns: 2000 },
    );
  });
});

describe("what a newer Hubble sends", () => {
  it("unknown fields are kept with their path, and unknown enum numbers as numbers", () => {
    const flow = wire((w) => {
      w.tag(2, WireType.Varint).int32(200);
      w.tag(60, WireType.LengthDelimited).string("new");
      w.tag(60, WireType.Varint).int32(5);
      w.tag(8, WireType.LengthDelimited).bytes(wire((e) => e.tag(9, WireType.Varint).int32(1)));
      w.tag(6, WireType.LengthDelimited).bytes(
        wire((l) =>
          l.tag(5, WireType.LengthDelimited).bytes(wire((s) => s.tag(3, WireType.Varint).int32(7))),
        ),
      );
    });
    const { row } = stored(raw(flow));
    expect(row["verdict"]).toBe(200);
    const base64 = (write: (w: BinaryWriter) => void) =>
      Buffer.from(wire(write)).toString("base64");
    expect(JSON.parse(String(row["rest"]))).toEqual({
      unknown: {
        "60": base64((w) =>
          w.tag(60, WireType.LengthDelimited).string("new").tag(60, WireType.Varint).int32(5),
        ),
        "source.9": base64((w) => w.tag(9, WireType.Varint).int32(1)),
        "l4.SCTP.3": base64((w) => w.tag(3, WireType.Varint).int32(7)),
      },
    });
  });

  it("other members are ignored", () => {
    const member = (field: number) =>
      wire((w) => w.tag(field, WireType.LengthDelimited).bytes(new Uint8Array()));
    const kindOf = (bytes: Uint8Array) => createDecoder().decodeResponse(bytes);
    expect(kindOf(member(4))).toEqual({ kind: "ignored", what: "agent-event" });
    expect(kindOf(member(5))).toEqual({ kind: "ignored", what: "debug-event" });
    expect(kindOf(member(9))).toEqual({ kind: "ignored", what: "unknown-member" });
    expect(kindOf(new Uint8Array())).toEqual({ kind: "ignored", what: "empty" });
  });
});

describe("S9: text hygiene at the door", () => {
  it("invalid UTF-8 is replaced, hostile characters are shown, wherever they stand", () => {
    const flow = wire((w) => {
      w.tag(11, WireType.LengthDelimited).bytes(Uint8Array.of(0x61, 0xff, 0x62));
      w.tag(100_000, WireType.LengthDelimited).string("pay\u202egnp\u0000");
      w.tag(13, WireType.LengthDelimited).string("a\u200bb");
      w.tag(21_006, WireType.LengthDelimited).string("\u009b31m");
      w.tag(8, WireType.LengthDelimited).bytes(
        wire((e) => e.tag(4, WireType.LengthDelimited).string("k8s:\r\n")),
      );
      w.tag(38, WireType.LengthDelimited).bytes(
        wire((e) => e.tag(1, WireType.LengthDelimited).string("\u2066")),
      );
    });
    const { row, blocks } = stored(raw(flow));
    expect(row["node"]).toBe("a\ufffdb");
    expect(row["summary"]).toBe(String.raw`pay\u202egnp\u0000`);
    expect(row["src_names"]).toEqual([String.raw`a\u200bb`]);
    expect(row["policy_log"]).toEqual([String.raw`\u009b31m`]);
    expect(rowsOf(blocks, "identities")[0]!["labels"]).toEqual([String.raw`k8s:\u000d\u000a`]);
    expect(JSON.parse(String(row["rest"]))).toEqual({ file: { name: String.raw`\u2066` } });
  });

  it("a row stays below 64 KiB, whatever comes", () => {
    const many = (text: string) => Array.from({ length: 3000 }, () => text.repeat(200));
    const long = "\u0001".repeat(9000);
    const { row, blocks } = stored(
      flowBytes({
        Summary: long,
        nodeName: long,
        nodeLabels: many("l"),
        sourceNames: many("n"),
        destinationNames: many("n"),
        policyLog: many("\u0001"),
        source: {
          labels: many("l"),
          podName: long,
          workloads: many("w").map((name) => ({ name })),
        },
        traceContext: { parent: { traceId: long } },
        egressAllowedBy: Array.from({ length: 3000 }, () => ({ name: long })),
        l7: {
          record: {
            case: "dns",
            value: { query: long, ips: many("1"), cnames: many("c"), qtypes: many("q") },
          },
        },
        file: { name: long },
        extensions: { typeUrl: long, value: new Uint8Array(100_000) },
      }),
      { maxMessageBytes: 64 << 20 },
    );
    // One row each, but for the sets of labels.
    for (const { chunks, rows } of blocks) expect(chunks[0]!.length / rows).toBeLessThan(65_536);
    expect((row["src_names"] as string[]).at(-1)).toBe("…");
    expect(String(row["dns_query"]).length).toBe(255);
    expect(String(row["rest"])).toContain("…");
  });
});

describe("S18: redaction before the spool", () => {
  const SECRET = "s3cr3tS3CR3Ts3cr3tS3CR3T99";
  const url = `http://user:${SECRET}@shop.web/cart/${SECRET}?token=${SECRET}#${SECRET}`;
  const http = {
    method: "GET",
    url,
    headers: [
      { key: "Authorization", value: `Bearer ${SECRET}` },
      { key: "X-Request-Id", value: "42" },
    ],
  };
  const bytes = flowBytes({
    Summary: `HTTP/1.1 200 3ms (GET ${url})`,
    l7: { record: { case: "http", value: http } },
  });
  const spool = (options: DecoderOptions) =>
    Buffer.concat(stored(bytes, options).blocks.flatMap((block) => block.chunks)).toString(
      "latin1",
    );

  it("no secret reaches the block", () => {
    expect(spool({ redact: {} })).not.toContain(SECRET);
    expect(spool({ redact: { headers: ["x-request-id"] } })).not.toContain(SECRET);
  });

  it("control: without redaction they are all there", () => {
    expect(spool({}).split(SECRET).length - 1).toBe(9);
  });

  it("what is left still says what happened", () => {
    const { row } = stored(bytes, { redact: { headers: ["x-request-id"] } });
    expect(row["http_url"]).toBe("http://shop.web/cart/HUBBLE_REDACTED?token=HUBBLE_REDACTED");
    expect(row["summary"]).toBe(
      "HTTP/1.1 200 3ms (GET http://shop.web/cart/HUBBLE_REDACTED?token=HUBBLE_REDACTED)",
    );
    expect(row["http_header_names"]).toEqual(["X-Request-Id"]);
    expect(row["http_header_values"]).toEqual(["42"]);
  });

  it("a field mask that leaves only the summary hides nothing", () => {
    const masked = flowBytes({ Summary: `HTTP/1.1 GET ${url}` });
    expect(stored(masked, { redact: {} }).row["summary"]).not.toContain(SECRET);
  });

  it("unknown fields of an HTTP record are not kept", () => {
    const record = wire((w) => w.tag(9, WireType.LengthDelimited).string(SECRET));
    const l7 = wire((w) => w.tag(101, WireType.LengthDelimited).bytes(record));
    const flow = raw(wire((w) => w.tag(15, WireType.LengthDelimited).bytes(l7)));
    expect(stored(flow, { redact: {} }).row["rest"]).toBe("");
    expect(stored(flow).row["rest"]).toContain("l7.http.9");
  });
});
