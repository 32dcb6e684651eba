import { afterAll, beforeAll, expect, test } from "vitest";
import { API_ROUTES } from "../api/routes.js";
import { CLIENT_EVENTS } from "../live/events.js";
import { serveDashboard, type ServedDashboard } from "../testing/serve.js";
import { createApp } from "./app.js";

/** Everything this server answers. Open to strangers once there is a login: health only. */
const LISTED = {
  open: ["/livez", "/readyz", "/healthz", "/metrics"],
  viewer: [
    "/api/v1/overview",
    "/api/v1/flows",
    "/api/v1/flows/export",
    "/api/v1/storage",
    "/api/v1/flows/:uuid",
    "/api/v1/flows/:uuid/explanation",
    "/api/v1/problems",
    "/api/v1/problems/:id",
    "/api/v1/dns",
    "/api/v1/dns/rates",
    "/api/v1/audit",
    "/api/v1/audit/open",
    "/api/v1/policies",
    "/api/v1/policies/:kind/:namespace/:name",
    "/api/v1/tuning/suggestion",
    "/api/v1/tuning/rules",
    "/api/v1/tuning/readiness",
    "/api/v1/map",
    "/api/v1/compare",
    "/api/v1/known",
    "/api/v1/addresses/:address",
    "/api/v1/drops",
    "/api/v1/verdicts",
    "/api/v1/edges",
    "/api/v1/gaps",
    "/api/v1/complete",
    "/api/v1/filters",
    "/api/v1/views",
    "/api/v1/status",
    "/api/v1/openapi.json",
  ],
  /** What changes something, or takes a body. */
  own: ["put /api/v1/views/:name", "delete /api/v1/views/:name", "post /api/v1/tuning/replay"],
  socket: ["subscribe", "unsubscribe", "watchProblems"],
};

interface Layer {
  route?: { path: string; methods: Record<string, boolean> };
  handle?: { stack?: Layer[] };
}

function routesOf(stack: readonly Layer[]): string[] {
  return stack.flatMap((layer) => {
    if (layer.route === undefined) return routesOf(layer.handle?.stack ?? []);
    const { path, methods } = layer.route;
    return Object.keys(methods).map((method) => `${method} ${path}`);
  });
}

let served: ServedDashboard;
beforeAll(async () => {
  served = await serveDashboard();
});
afterAll(() => served.close());

test("S2: every route is listed here, and all but a few only read", () => {
  const app = createApp({ registry: {}, webDir: "/", hosts: [] } as never);
  const found = routesOf(app.router.stack as unknown as Layer[]).sort();
  const listed = [...LISTED.open, ...LISTED.viewer].map((path) => `get ${path}`);
  expect(found).toEqual([...listed, ...LISTED.own].sort());
});

test("S2: every socket event is listed here", () => {
  expect(Object.keys(CLIENT_EVENTS)).toEqual(LISTED.socket);
});

test("each answers", async () => {
  for (const { path, name } of API_ROUTES) {
    const asked = path
      .replace(":uuid", crypto.randomUUID())
      .replace(":id", "0123456789abcdef")
      .replace(":address", "10.0.0.1")
      .replace(":kind/:namespace/:name", "NetworkPolicy/web/nothing");
    const query = { complete: "?what=pod", tuningSuggestion: "?namespace=web" }[name] ?? "";
    const { status } = await fetch(`${served.url}/api/v1${asked}${query}`);
    expect([path, status]).toEqual([
      path,
      (path.includes(":") && !["explanation", "address"].includes(name)) ||
      // Nothing was seen of anybody.
      name === "tuningSuggestion"
        ? 404
        : 200,
    ]);
  }
});
