import { request } from "node:http";
import type { ErrorAnswer, SavedViewsAnswer } from "@dropscope/model";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { serveDashboard, type ServedDashboard } from "../testing/serve.js";

let served: ServedDashboard;
beforeAll(async () => {
  served = await serveDashboard();
});
afterAll(() => served.close());

const own = (): Record<string, string> => ({
  origin: `http://127.0.0.1:${served.port}`,
  "sec-fetch-site": "same-origin",
});

const view = { place: "live", filter: "--verdict DROPPED", since: "1h", until: "" };

/** Not `fetch`: it does not let a test say who asks. */
function send(
  method: string,
  name: string,
  body?: unknown,
  headers = own(),
): Promise<{ status: number; answer: SavedViewsAnswer & ErrorAnswer }> {
  const text = body === undefined ? "" : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        host: "127.0.0.1",
        port: served.port,
        path: `/api/v1/views/${encodeURIComponent(name)}`,
        method,
        headers: { "content-type": "application/json", ...headers },
      },
      (response) => {
        let out = "";
        response.setEncoding("utf8").on("data", (chunk: string) => (out += chunk));
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, answer: JSON.parse(out) as never }),
        );
      },
    );
    asked.on("error", reject);
    asked.end(text);
  });
}

const names = async (): Promise<string[]> => {
  const response = await fetch(`${served.url}/api/v1/views`);
  return ((await response.json()) as SavedViewsAnswer).views.map(({ name }) => name);
};

beforeEach(async () => {
  for (const name of await names()) await send("DELETE", name);
});

describe("saved views", () => {
  test("are saved, replaced, listed by name and deleted", async () => {
    expect((await send("PUT", "checkout", view)).status).toBe(200);
    await send("PUT", "a/b ü?", { ...view, place: "problems", filter: "checkout --to-port 53" });
    const { answer } = await send("PUT", "checkout", { ...view, filter: "--to-port 53" });
    expect(answer.views.map(({ name, filter }) => [name, filter])).toEqual([
      ["a/b ü?", "checkout --to-port 53"],
      ["checkout", "--to-port 53"],
    ]);
    expect((await send("DELETE", "a/b ü?")).answer.views).toHaveLength(1);
    expect(await names()).toEqual(["checkout"]);
  });

  test("ms become a moment that every reader takes the same way", async () => {
    const times = { since: "1795000000000", until: "1795000300000" };
    const { answer } = await send("PUT", "fixed", { ...view, ...times });
    expect(answer.views[0]).toMatchObject({
      since: new Date(1795000000000).toISOString(),
      until: new Date(1795000300000).toISOString(),
    });
  });

  test.each<[string, string, object, string, RegExp]>([
    ["a wrong filter", "x", { filter: "--verdict NO" }, "FILTER_INVALID", /not a verdict/],
    ["words where there are none", "x", { filter: "checkout" }, "FILTER_INVALID", /not a flag/],
    ["a filter without end", "x", { filter: "--reply ".repeat(900) }, "FILTER_INVALID", /longer/],
    ["a wrong time", "x", { since: "yesterday-ish" }, "BAD_TIME", /since/],
    ["a range that ends first", "x", { since: "1h", until: "2h" }, "BAD_RANGE", /later/],
    ["a wrong place", "x", { place: "../x" }, "BAD_QUERY", /place/],
    ["hidden text in the name", "a\u202eb", {}, "BAD_QUERY", /plain text/],
    ["an endless name", "x".repeat(81), {}, "BAD_QUERY", /80 characters/],
    ["something else", "x", { owner: "root" }, "BAD_QUERY", /owner/],
  ])("%s is refused", async (_what, name, change, code, message) => {
    const { status, answer } = await send("PUT", name, { ...view, ...change });
    expect([status, answer.error.code]).toEqual([400, code]);
    expect(answer.error.message).toMatch(message);
    expect(await names()).toEqual([]);
  });

  test("a body that is too large, or none, is refused", async () => {
    const large = { ...view, filter: "x".repeat(40_000) };
    expect((await send("PUT", "x", large)).status).toBe(413);
    expect((await send("PUT", "x")).status).toBe(400);
    expect((await send("PUT", "x", ["a"])).status).toBe(400);
  });

  test("what is not there cannot be deleted", async () => {
    const { status, answer } = await send("DELETE", "nothing");
    expect([status, answer.error.code]).toEqual([404, "VIEW_NOT_FOUND"]);
  });
});

describe("S11: only our own page changes something", () => {
  test.each<[string, Record<string, string>]>([
    ["no header at all", {}],
    ["another site", { origin: "http://evil.example", "sec-fetch-site": "cross-site" }],
    ["an origin that ends so", { origin: "http://127.0.0.1.evil.example" }],
    ["null", { origin: "null", "sec-fetch-site": "same-origin" }],
    ["another port", { origin: "http://127.0.0.1:1", "sec-fetch-site": "same-site" }],
    ["our origin, said by another site", { "sec-fetch-site": "cross-site" }],
    ["our site without an origin", { "sec-fetch-site": "same-origin" }],
  ])("%s is refused", async (what, headers) => {
    const origin = what.startsWith("our origin") ? { origin: own()["origin"] ?? "" } : {};
    for (const [method, body] of [
      ["PUT", view],
      ["DELETE", undefined],
    ] as const) {
      const { status, answer } = await send(method, "x", body, { ...origin, ...headers });
      expect([status, answer.error.code]).toEqual([403, "CROSS_SITE"]);
    }
    expect(await names()).toEqual([]);
  });

  test("and with both headers it does: the refusals above are not of something else", async () => {
    expect((await send("PUT", "x", view)).status).toBe(200);
    expect(await names()).toEqual(["x"]);
  });
});
