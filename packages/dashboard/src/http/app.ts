import express, { type Express } from "express";
import type { Logger } from "pino";
import { type ApiDeps, apiHandler } from "../api/handler.js";
import { API_ROUTES, CHANGE_ROUTES } from "../api/routes.js";
import type { HostRule } from "../net/hosts.js";
import type { Registry } from "prom-client";
import { errorHandler, notFound } from "./error-handler.js";
import { healthRoutes } from "./health.js";
import { metricsRoute } from "./metrics-route.js";
import { named, requestId, watchRequests } from "./request.js";
import {
  hostGuard,
  noStore,
  ownPageOnly,
  readOnly,
  sameOriginOnly,
  securityHeaders,
} from "./security.js";
import { staticFiles } from "./static.js";

export interface AppDeps extends ApiDeps {
  hostRule: HostRule;
  webDir: string;
  logger: Logger;
  /** Given when /metrics has no port of its own. */
  registry: Registry | undefined;
}

/** The whole HTTP side, in the order in which a request meets it. */
export function createApp(deps: AppDeps): Express {
  const app = express();
  app.disable("x-powered-by");
  app.set("query parser", "simple");
  app.use(requestId);
  app.use(watchRequests(deps.clock, deps.metrics, deps.logger));
  app.use(securityHeaders());
  app.use(hostGuard(deps.hostRule));
  for (const route of CHANGE_ROUTES) {
    const path = `/api/v1${route.path}`;
    const guards = [named(path), noStore, ownPageOnly(deps.hostRule)];
    const body = express.json({ limit: route.bodyLimit ?? "32kb" });
    app[route.change ?? "put"](path, ...guards, body, apiHandler(route, deps));
  }
  app.use(readOnly);
  app.use(healthRoutes(deps.coverage, deps.books));
  if (deps.registry !== undefined) app.use(metricsRoute(deps.registry));
  app.use("/api", sameOriginOnly, noStore);
  for (const route of API_ROUTES) {
    const path = `/api/v1${route.path}`;
    app.get(path, named(path), apiHandler(route, deps));
  }
  app.use("/api", notFound);
  app.use(staticFiles(deps.webDir));
  app.use(notFound);
  app.use(errorHandler(deps.coverage, deps.logger));
  return app;
}
