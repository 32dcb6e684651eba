import { join } from "node:path";
import express, { Router } from "express";
import { Problem } from "../problem.js";
import { named } from "./request.js";

/**
 * The page. Files below assets/ carry their hash in the name and never change; all
 * else is asked for anew. Paths of the page's own routes get index.html.
 */
export function staticFiles(webDir: string): Router {
  const router = Router();
  const files = { dotfiles: "ignore", redirect: false, index: false } as const;
  router.use(
    "/assets",
    named("assets"),
    express.static(join(webDir, "assets"), { ...files, immutable: true, maxAge: "365d" }),
  );
  router.use(
    named("page"),
    express.static(webDir, { ...files, cacheControl: false, setHeaders: askAgain }),
  );
  router.use((request, response, next) => {
    // A missing file is a missing file; only what looks like a route is the page.
    if (!/^\/[\w/-]*$/.test(request.path) || request.path.startsWith("/assets/")) return next();
    response.sendFile(
      "index.html",
      { root: webDir, headers: ASK_AGAIN, cacheControl: false },
      (error) => {
        if (error === undefined || response.headersSent) return;
        next(
          (error as NodeJS.ErrnoException).code === "ENOENT"
            ? new Problem(
                503,
                "PAGE_NOT_BUILT",
                "The page has not been built.",
                "Run `npm run build`.",
              )
            : error,
        );
      },
    );
  });
  return router;
}

const ASK_AGAIN = { "cache-control": "no-cache" };

function askAgain(response: express.Response): void {
  response.setHeader("cache-control", ASK_AGAIN["cache-control"]);
}
