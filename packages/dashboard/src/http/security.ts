import type { RequestHandler } from "express";
import helmet from "helmet";
import { Problem } from "../problem.js";
import type { HostRule } from "../net/hosts.js";

/** Nothing but our own files runs, loads or is talked to. */
export const CSP = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "font-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join("; ");

/** Headers of every answer, of the socket endpoint too. Plain HTTP on loopback, so no HSTS. */
export function securityHeaders(): RequestHandler[] {
  return [
    helmet({
      contentSecurityPolicy: false,
      strictTransportSecurity: false,
      xFrameOptions: { action: "deny" },
    }),
    (_request, response, next) => {
      response.setHeader("content-security-policy", CSP);
      response.setHeader("permissions-policy", "camera=(), geolocation=(), microphone=()");
      next();
    },
  ];
}

/** Refuses names that are not ours before anything else looks at the request. */
export function hostGuard(rule: HostRule): RequestHandler {
  return (request, _response, next) => {
    if (rule.allowsHost(request.headers.host)) return next();
    next(
      new Problem(
        421,
        "WRONG_HOST",
        "This server does not answer to that host name.",
        "Open it by the address that it printed at start, such as http://127.0.0.1:8080.",
      ),
    );
  };
}

/**
 * Data is for our own page and for tools. A page of another site (another port of
 * localhost included) may not even make this server work.
 */
export const sameOriginOnly: RequestHandler = (request, _response, next) => {
  const site = request.headers["sec-fetch-site"];
  if (site === undefined || site === "same-origin" || site === "none") return next();
  next(
    new Problem(
      403,
      "CROSS_SITE",
      "Pages of other sites may not read this.",
      "Ask from the dashboard's own page, or from a program.",
    ),
  );
};

/**
 * Changes come from our own page only: a browser says by two headers, which no page can forge, who
 * asks. A program that wants to change something has to send both.
 */
export function ownPageOnly(rule: HostRule): RequestHandler {
  return (request, _response, next) => {
    const { origin, host } = request.headers;
    const site = request.headers["sec-fetch-site"];
    if (rule.allowsOrigin(origin, host) && site === "same-origin") return next();
    next(
      new Problem(
        403,
        "CROSS_SITE",
        "Only the dashboard's own page may change this.",
        "Ask from that page; a program sends its Origin and Sec-Fetch-Site: same-origin.",
      ),
    );
  };
}

export const noStore: RequestHandler = (_request, response, next) => {
  response.setHeader("cache-control", "no-store");
  next();
};

/** Everything behind this only reads. */
export const readOnly: RequestHandler = (request, response, next) => {
  if (request.method === "GET" || request.method === "HEAD") return next();
  response.setHeader("allow", "GET, HEAD");
  next(
    new Problem(405, "METHOD_NOT_ALLOWED", `${request.method} is not answered here.`, "Use GET."),
  );
};
