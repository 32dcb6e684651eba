import type { CatalogKindStatus, CatalogStatus } from "@dropscope/model";
import type { ObjectWriterState } from "@dropscope/store";

/** What the parts of a live catalog say, as one word and one sentence. */
export function judge(parts: {
  readonly kinds: readonly CatalogKindStatus[];
  /** Of loading the past; empty when all is well. */
  readonly trouble: string;
  readonly writer: ObjectWriterState | undefined;
  readonly sources: readonly unknown[];
}): CatalogStatus {
  const { kinds, trouble, writer, sources } = parts;
  const waiting = writer?.waiting ?? 0;
  const of = (state: CatalogStatus["state"], message: string): CatalogStatus => ({
    state,
    message,
    kinds,
    waiting,
  });
  if (trouble !== "") return of("starting", trouble);
  if (sources.length === 0)
    return of("degraded", "No source of policies is configured; drops are not attributed.");
  const ailing = kinds.filter(({ state }) => state !== "ok" && state !== "absent");
  const starting = ailing.filter(({ state }) => state === "starting");
  const worse = ailing.filter(({ state }) => state !== "starting");
  const policiesAreSeen = kinds.some(
    ({ kind, state }) => state === "ok" && kind.endsWith("Policy"),
  );
  if (worse.length > 0) {
    const [{ message }] = worse as [CatalogKindStatus];
    const others = worse.length > 1 ? ` (and ${worse.length - 1} more)` : "";
    return of(policiesAreSeen ? "degraded" : "down", `${message}${others}`);
  }
  if (starting.length > 0)
    return of("starting", `${starting.map(({ kind }) => kind).join(", ")}: being read.`);
  const told = kinds.find(({ message }) => message !== "");
  if (told !== undefined) return of("degraded", told.message);
  return writer?.trouble ? of("degraded", writer.trouble) : of("ok", "");
}
