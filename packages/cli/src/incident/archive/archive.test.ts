import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deflateRawSync } from "node:zlib";
import { DropscopeError } from "@dropscope/model";
import * as fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { BUNDLE_FORMAT, BUNDLE_KIND, FILES, type Manifest } from "../format.js";
import { rawZip, type RawEntry } from "../testing-zip.js";
import { linesOf } from "./lines.js";
import { openBundle } from "./read.js";
import { createArchive } from "./write.js";

const folder = mkdtempSync(join(tmpdir(), "dropscope-archive-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const MOST = 1024 ** 3;
const sha = (data: string | Buffer): string => createHash("sha256").update(data).digest("hex");

const CONTENT: Record<string, string> = Object.fromEntries(
  Object.values(FILES)
    .filter((name) => name !== FILES.manifest)
    .map((name) => [name, `{"of":"${name}"}\n`]),
);

function manifestOf(content: Record<string, string | Buffer>, more: object = {}): Buffer {
  const files = Object.entries(content).map(([name, data]) => ({
    name,
    bytes: Buffer.byteLength(data),
    sha256: sha(data),
  }));
  const manifest: Manifest = {
    kind: BUNDLE_KIND,
    format: BUNDLE_FORMAT,
    id: sha(files.map(({ name, sha256 }) => `${name}\n${sha256}\n`).join("")),
    madeBy: { name: "dropscope", version: "9.9.9", schema: 1 },
    range: { since: "2026-01-01T00:00:00Z", until: "2026-01-01T00:59:59.999999999Z" },
    filters: [],
    cluster: "shop",
    redaction: { names: false, key: "", l7: false },
    counts: Object.fromEntries(
      ["flows", "losses", "shortened", "explained", "problems", "policies", "versions", "contents"]
        .concat(["dnsFindings", "auditFindings", "gaps"])
        .map((name) => [name, 0]),
    ) as Manifest["counts"],
    files,
  };
  return Buffer.from(JSON.stringify({ ...manifest, ...more }));
}

const entriesOf = (content: Record<string, string | Buffer>, more: object = {}): RawEntry[] => [
  ...Object.entries(content).map(([name, data]) => ({ name, data: Buffer.from(data) })),
  { name: FILES.manifest, data: manifestOf(content, more) },
];

let count = 0;

function write(bytes: Buffer): string {
  const path = join(folder, `${(count += 1)}.zip`);
  writeFileSync(path, bytes);
  return path;
}

/** Opens a bundle and reads all of it. */
async function readAll(path: string, most = MOST): Promise<string[]> {
  const bundle = await openBundle(path, most);
  try {
    const lines: string[] = [];
    for (const { name } of bundle.manifest.files)
      for await (const some of linesOf(bundle, name, 100_000)) lines.push(...some);
    return lines;
  } finally {
    bundle.close();
  }
}

async function refusal(bytes: Buffer, most = MOST): Promise<string> {
  try {
    await readAll(write(bytes), most);
    return "";
  } catch (error) {
    expect(error).toBeInstanceOf(DropscopeError);
    const { code, message, next } = error as DropscopeError;
    expect(next).not.toBe("");
    // Foreign names are quoted and cut.
    expect(message.length).toBeLessThan(folder.length + 300);
    return code;
  }
}

describe("a file that is no bundle, or was made to do harm", () => {
  const good = entriesOf(CONTENT);
  const changed = (
    entries: readonly RawEntry[],
    name: string,
    entry: Partial<RawEntry>,
  ): RawEntry[] => entries.map((one) => (one.name === name ? Object.assign({}, one, entry) : one));
  const replaced = (name: string, entry: Partial<RawEntry>): RawEntry[] =>
    changed(good, name, entry);

  test("negative control: the same without the harm is read", async () => {
    expect(await readAll(write(rawZip(good)))).toEqual(
      Object.values(CONTENT).map((text) => text.trim()),
    );
  });

  const zeros = Buffer.alloc(64 * 1024 * 1024);
  const packed = deflateRawSync(zeros);
  const bomb = { ...CONTENT, [FILES.flows]: zeros };
  const withNew = (name: string): RawEntry[] => [...good, { name, data: Buffer.from("x") }];

  test.each<[string, RawEntry[], string]>([
    ["without a manifest", good.slice(0, -1), "INCIDENT_FOREIGN"],
    ["another kind of manifest", entriesOf(CONTENT, { kind: "holiday" }), "INCIDENT_FOREIGN"],
    [
      "a newer format",
      entriesOf(CONTENT, { format: BUNDLE_FORMAT + 1, files: 7 }),
      "INCIDENT_NEWER",
    ],
    ["a manifest of other fields", entriesOf(CONTENT, { counts: [] }), "INCIDENT_DAMAGED"],
    ["a foreign id", entriesOf(CONTENT, { id: "0".repeat(64) }), "INCIDENT_DAMAGED"],
    [
      "a manifest that is no JSON",
      replaced(FILES.manifest, { data: Buffer.from("{") }),
      "INCIDENT_DAMAGED",
    ],
    ["a name that leads up", withNew("../../evil.sh"), "INCIDENT_HOSTILE"],
    ["an absolute name", withNew("/etc/cron.d/evil"), "INCIDENT_HOSTILE"],
    ["a name with a drive", withNew("C:/evil.bat"), "INCIDENT_HOSTILE"],
    ["a name with a backslash", withNew(String.raw`..\evil.bat`), "INCIDENT_HOSTILE"],
    ["a name that no bundle has", withNew("policies/../../evil.yaml"), "INCIDENT_HOSTILE"],
    ["a program", withNew("install.sh"), "INCIDENT_HOSTILE"],
    ["a link", replaced(FILES.flows, { mode: 0o120_777 }), "INCIDENT_HOSTILE"],
    ["a device", replaced(FILES.flows, { mode: 0o060_666 }), "INCIDENT_HOSTILE"],
    ["a file twice", [...good, { name: FILES.flows, data: Buffer.from("x") }], "INCIDENT_HOSTILE"],
    ["a file that the manifest does not name", withNew("charts/more.svg"), "INCIDENT_DAMAGED"],
    ["a file missing", good.slice(1), "INCIDENT_DAMAGED"],
    [
      "other content of the same length",
      replaced(FILES.flows, { data: Buffer.from(CONTENT[FILES.flows]!.replace("of", "if")) }),
      "INCIDENT_DAMAGED",
    ],
    [
      "longer content",
      replaced(FILES.flows, { data: Buffer.from(`${CONTENT[FILES.flows]}x`) }),
      "INCIDENT_DAMAGED",
    ],
    ["an encrypted file", replaced(FILES.flows, { flags: 1, method: 8 }), "INCIDENT_FOREIGN"],
    ["another way of packing", replaced(FILES.flows, { method: 12 }), "INCIDENT_FOREIGN"],
    [
      "a bomb",
      changed(entriesOf(bomb), FILES.flows, { data: packed, method: 8, unpacked: zeros.length }),
      "INCIDENT_HOSTILE",
    ],
    [
      "files over one another",
      [
        ...good,
        ...Array.from({ length: 200 }, (_, at) => ({
          name: `charts/c${at}.svg`,
          data: Buffer.alloc(0),
          over: 0,
          packed: 500,
          unpacked: 500,
        })),
      ],
      "INCIDENT_HOSTILE",
    ],
    [
      "a size that is not true",
      replaced(FILES.flows, {
        data: deflateRawSync(zeros.subarray(0, 1_000_000)),
        method: 8,
        unpacked: Buffer.byteLength(CONTENT[FILES.flows]!),
      }),
      "INCIDENT_DAMAGED",
    ],
    [
      "too many files",
      Array.from({ length: 20_001 }, (_, at) => ({
        name: `charts/${at}.svg`,
        data: Buffer.alloc(0),
      })),
      "INCIDENT_HOSTILE",
    ],
  ])("%s", async (_, entries, code) => {
    const begun = process.cpuUsage();
    expect(await refusal(rawZip(entries))).toBe(code);
    expect(process.cpuUsage(begun).user).toBeLessThan(5_000_000);
  });

  test("one that unpacks to more than is allowed", async () => {
    expect(await refusal(rawZip(good), 10)).toBe("INCIDENT_TOO_LARGE");
  });

  test("a last line without its break, and a line that is longer than any", async () => {
    const cut = { ...CONTENT, [FILES.gaps]: '{"a":1}\n{"b"' };
    expect(await refusal(rawZip(entriesOf(cut)))).toBe("INCIDENT_DAMAGED");
    const long = { ...CONTENT, [FILES.gaps]: `"${"x".repeat(100_001)}"\n` };
    expect(await refusal(rawZip(entriesOf(long)))).toBe("INCIDENT_DAMAGED");
  });

  test("cut anywhere, or with any byte changed, it is refused or the same", async () => {
    const whole = rawZip(good);
    const lines = await readAll(write(whole));
    await fc.assert(
      fc.asyncProperty(
        fc.nat(whole.length - 1),
        fc.integer({ min: 1, max: 255 }),
        fc.boolean(),
        async (at, other, isCut) => {
          const bytes = Buffer.from(whole);
          bytes[at] = (bytes[at] ?? 0) ^ other;
          const path = write(isCut ? whole.subarray(0, at) : bytes);
          try {
            expect(await readAll(path)).toEqual(lines);
          } catch (error) {
            expect(error).toBeInstanceOf(DropscopeError);
          } finally {
            rmSync(path);
          }
        },
      ),
      { numRuns: 400 },
    );
  });
});

describe("writing", () => {
  const DAY = Date.parse("2026-03-29T02:30:00Z");

  async function archive(name: string, pieces: readonly string[], zone?: string): Promise<Buffer> {
    const path = join(folder, name);
    const before = process.env["TZ"];
    if (zone !== undefined) process.env["TZ"] = zone;
    const writer = createArchive(path, DAY);
    await writer.add({ name: FILES.flows, content: () => pieces });
    await writer.add({ name: FILES.summary, content: () => ["# x\n"] });
    await writer.finish();
    await writer.discard();
    if (before === undefined) delete process.env["TZ"];
    else process.env["TZ"] = before;
    return readFileSync(path);
  }

  test("equal contents make equal bytes, however they come and in whatever zone", async () => {
    const text = Array.from({ length: 20_000 }, (_, at) => `{"line":${at * 7919}}\n`);
    const first = await archive("one.zip", text);
    const joined = [text.slice(0, 3).join(""), text.slice(3).join("")];
    expect((await archive("two.zip", joined)).equals(first)).toBe(true);
    for (const zone of ["Asia/Tokyo", "America/New_York", "Europe/Berlin"])
      expect((await archive("three.zip", text, zone)).equals(first)).toBe(true);
    // Negative control.
    expect((await archive("four.zip", [...text, "{}\n"])).equals(first)).toBe(false);
  });

  test("until it is finished nothing is there, and what was given up leaves nothing", async () => {
    const path = join(folder, "sub.zip");
    const writer = createArchive(path, DAY);
    await writer.add({ name: FILES.flows, content: () => ["{}\n"] });
    expect(readdirSync(folder)).not.toContain("sub.zip");
    await writer.discard();
    expect(readdirSync(folder).filter((name) => name.includes("sub.zip"))).toEqual([]);
  });

  test("a failure of the content is the failure of the file", async () => {
    const writer = createArchive(join(folder, "bad.zip"), DAY);
    const broken = async function* (): AsyncIterable<string> {
      yield "{}\n";
      await Promise.resolve();
      throw new Error("the store is gone");
    };
    await expect(writer.add({ name: FILES.flows, content: broken })).rejects.toThrow(
      "the store is gone",
    );
    await writer.discard();
    expect(readdirSync(folder).filter((name) => name.includes("bad.zip"))).toEqual([]);
  });

  test("a folder that cannot be written is said, and does not hang", async () => {
    const writer = createArchive(join(folder, "nowhere", "x.zip"), DAY);
    const whole = async (): Promise<void> => {
      await writer.add({ name: FILES.flows, content: () => ["{}\n"] });
      await writer.finish();
    };
    await expect(whole()).rejects.toThrow("ENOENT");
    await writer.discard();
  });
});
