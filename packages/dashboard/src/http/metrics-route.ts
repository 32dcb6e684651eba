import { createServer, type Server } from "node:http";
import { Router } from "express";
import type { Registry } from "prom-client";
import { named } from "./request.js";
import { noStore } from "./security.js";

/** /metrics on the main port, for a machine where loopback is the wall. */
export function metricsRoute(registry: Registry): Router {
  const router = Router();
  router.get("/metrics", named("/metrics"), noStore, async (_request, response) => {
    const text = await registry.metrics();
    response.setHeader("content-type", registry.contentType);
    response.end(text);
  });
  return router;
}

/** /metrics on a port of its own and nothing else, so that a scraper needs no way to the data. */
export function createMetricsServer(registry: Registry): Server {
  return createServer({ requestTimeout: 10_000, headersTimeout: 5_000 }, (request, response) => {
    const path = (request.url ?? "").split("?")[0];
    if (path !== "/metrics" || (request.method !== "GET" && request.method !== "HEAD")) {
      response.writeHead(404, { "content-type": "text/plain" }).end("not found\n");
      return;
    }
    registry.metrics().then(
      (text) => response.writeHead(200, { "content-type": registry.contentType }).end(text),
      () => response.writeHead(500, { "content-type": "text/plain" }).end("metrics failed\n"),
    );
  });
}
