import { request as httpRequest } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dropAt, flowAt } from "../testing/flows.js";
import { coverageOf } from "../testing/coverage.js";
import { serveDashboard, type ServedDashboard } from "../testing/serve.js";

let served: ServedDashboard;
beforeAll(async () => {
  served = await serveDashboard();
});
afterAll(() => served.close());

/** fetch may not set Host; this may. */
function get(
  path: string,
  headers: Record<string, string> = {},
  method = "GET",
): Promise<{ status: number; headers: Record<string, unknown>; body: string }> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      { host: "127.0.0.1", port: served.port, path, method, headers },
      (response) => {
        let body = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => (body += chunk));
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
        );
      },
    );
    request.on("error", reject);
    request.end();
  });
}

const PATHS = [
  "/",
  "/assets/main-a1b2c3.js",
  "/api/v1/status",
  "/api/v1/nothing",
  "/livez",
  "/metrics",
  "/flows/deep/link",
  "/socket.io/?EIO=4&transport=polling",
];

describe("S7: what the browser may do", () => {
  test.each(PATHS)("%s carries the headers", async (path) => {
    const { headers } = await get(path);
    expect(headers["content-security-policy"]).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'",
    );
    expect(headers).toMatchObject({
      "x-content-type-options": "nosniff",
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-resource-policy": "same-origin",
      "referrer-policy": "no-referrer",
      "x-frame-options": "DENY",
    });
    expect(headers["x-powered-by"]).toBeUndefined();
    expect(headers["access-control-allow-origin"]).toBeUndefined();
  });
});

describe("names and sites", () => {
  test.each(["evil.example", "127.0.0.1:1", "localhost"])(
    "Host %s is refused everywhere",
    async (host) => {
      for (const path of PATHS) {
        const { status, body } = await get(path, { host });
        expect([path, status]).toEqual([path, path.startsWith("/socket.io") ? 400 : 421]);
        expect(body).not.toContain("<title>");
      }
    },
  );

  test("our own names pass", async () => {
    for (const host of [
      `localhost:${served.port}`,
      `127.0.0.1:${served.port}`,
      `[::1]:${served.port}`,
    ]) {
      expect((await get("/livez", { host })).status).toBe(200);
    }
  });

  test.each<[string | undefined, number]>([
    [undefined, 200],
    ["none", 200],
    ["same-origin", 200],
    ["same-site", 403],
    ["cross-site", 403],
  ])("S11: Sec-Fetch-Site %s → %d", async (site, status) => {
    const headers = site === undefined ? {} : { "sec-fetch-site": site };
    expect((await get("/api/v1/overview", headers)).status).toBe(status);
  });

  test("links from other sites may open the page", async () => {
    expect((await get("/", { "sec-fetch-site": "cross-site" })).status).toBe(200);
  });

  test.each(["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])("%s changes nothing", async (method) => {
    const { status, headers, body } = await get("/api/v1/flows", {}, method);
    expect(status).toBe(405);
    expect(headers.allow).toBe("GET, HEAD");
    expect(JSON.parse(body).error.code).toBe("METHOD_NOT_ALLOWED");
  });
});

describe("the page", () => {
  test("index.html is asked for anew, hashed files never", async () => {
    const index = await get("/");
    expect(index.status).toBe(200);
    expect(index.headers["content-type"]).toMatch(/^text\/html/);
    expect(index.headers["cache-control"]).toBe("no-cache");
    const asset = await get("/assets/main-a1b2c3.js");
    expect(asset.headers["cache-control"]).toBe("public, max-age=31536000, immutable");
    expect(asset.headers["content-type"]).toMatch(/^text\/javascript/);
    expect((await get("/favicon.svg")).headers["cache-control"]).toBe("no-cache");
  });

  test.each(["/history", "/flows/123", "/?filter=x"])("%s is the page", async (path) => {
    expect((await get(path)).body).toContain("<title>dropscope");
  });

  test.each([
    "/assets/gone.js",
    "/assets/",
    "/missing.css",
    "/api",
    "/api/v2/flows",
    "/.git/config",
    "/assets/..%2f..%2f..%2fetc%2fpasswd",
    "/..%2f..%2fetc%2fpasswd",
    "/assets/%2e%2e/%2e%2e/package.json",
    "/%00",
    "/%ff",
  ])("%s is not", async (path) => {
    const { status, body } = await get(path);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
    expect(JSON.parse(body).error.next).toBeTruthy();
  });

  test("a page that was never built says how to build it", async () => {
    const bare = await serveDashboard({ webDir: "/nonexistent" });
    const response = await fetch(bare.url);
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ error: { code: "PAGE_NOT_BUILT" } });
    await bare.close();
  });
});

describe("health", () => {
  test("livez lives whatever else is down; readyz names what is missing (R22)", async () => {
    served.setCoverage(
      coverageOf({
        store: { state: "down", message: "no answer since 12:00" },
        source: { state: "starting", message: "dialling 10.0.0.9:4245" },
      }),
    );
    expect((await get("/livez")).status).toBe(200);
    const ready = await get("/readyz");
    expect(ready.status).toBe(503);
    expect(JSON.parse(ready.body)).toEqual({
      ready: false,
      missing: [
        { part: "store", state: "down", message: "no answer since 12:00" },
        { part: "source", state: "starting", message: "dialling 10.0.0.9:4245" },
      ],
    });
    served.setCoverage(coverageOf({ source: { kind: "none", state: "down" } }));
    expect((await get("/readyz")).status).toBe(200);
    served.setCoverage(coverageOf());
    expect(JSON.parse((await get("/readyz")).body)).toEqual({ ready: true, missing: [] });
  });

  test("the books are told to who asks", async () => {
    const books = { read: 3, repeats: 1, rejected: 0, open: 0, sealed: 2 };
    const withBooks = await serveDashboard({ books: () => books });
    const health = await fetch(`${withBooks.url}/healthz?books`);
    expect(await health.json()).toMatchObject({ books });
    const status = await fetch(`${withBooks.url}/api/v1/status`);
    expect(await status.json()).toMatchObject({ books, version: "0.0.0-test" });
    await withBooks.close();
  });
});

describe("S20: metrics", () => {
  test("labels come from closed sets, whatever is asked", async () => {
    served.reader.land([flowAt(Date.now()), dropAt(Date.now())]);
    for (let n = 0; n < 300; n++) {
      await get(`/api/v1/flows/${crypto.randomUUID()}`);
      await get(`/random-${n}.txt`);
      await get(`/api/v1/${n}`);
    }
    const { body, headers } = await get("/metrics");
    expect(headers["content-type"]).toMatch(/^text\/plain/);
    const series = body
      .split("\n")
      .filter((line) => line.startsWith("dropscope_http_requests_total"));
    expect(series.length).toBeLessThan(40);
    expect(body).toContain('route="/api/v1/flows/:uuid"');
    expect(body).not.toContain("random-");
  });

  test("on a port of its own, the main port has none and that port has nothing else", async () => {
    const two = await serveDashboard({ metricsListen: { host: "127.0.0.1", port: 0 } });
    const side = `http://127.0.0.1:${two.dashboard.metricsAddress()?.port}`;
    expect(await (await fetch(`${side}/metrics`)).text()).toContain("dropscope_live_sockets");
    expect((await fetch(`${side}/api/v1/status`)).status).toBe(404);
    // The page's own route now, as any other path.
    expect(await (await fetch(`${two.url}/metrics`)).text()).toContain("<title>");
    await two.close();
  });
});
