import { Router } from "express";
import type { Coverage } from "@dropscope/model";
import { named } from "./request.js";
import { noStore } from "./security.js";

export interface MissingPart {
  part: "store" | "source";
  state: string;
  message: string;
}

/** What keeps this process from its work. `degraded` still works; a server without a source needs none. */
export function missingParts(coverage: Coverage): MissingPart[] {
  const { store, source } = coverage;
  const missing: MissingPart[] = [];
  if (store.state === "down" || store.state === "starting") {
    missing.push({ part: "store", state: store.state, message: store.message });
  }
  if (source.kind !== "none" && (source.state === "down" || source.state === "starting")) {
    missing.push({ part: "source", state: source.state, message: source.message });
  }
  return missing;
}

/** For kubelets and people with curl; open to all, so they name parts and no data. */
export function healthRoutes(
  coverage: () => Coverage,
  books: (() => Record<string, number>) | undefined,
): Router {
  const router = Router();
  router.get("/livez", named("/livez"), noStore, (_request, response) => {
    response.json({ live: true });
  });
  router.get("/readyz", named("/readyz"), noStore, (_request, response) => {
    const missing = missingParts(coverage());
    response
      .status(missing.length === 0 ? 200 : 503)
      .json({ ready: missing.length === 0, missing });
  });
  router.get("/healthz", named("/healthz"), noStore, (request, response) => {
    const missing = missingParts(coverage());
    const withBooks = "books" in request.query && books !== undefined;
    response.json({
      ready: missing.length === 0,
      missing,
      ...(withBooks ? { books: books() } : {}),
    });
  });
  return router;
}
