import type { Observed } from "../source.js";
import { toService, toSlice, type Slice } from "./convert.js";
import { createListWatch } from "./list-watch.js";
import {
  aboutOf,
  createNames,
  setOf,
  statusOf,
  type Reading,
  type ReadingContext,
} from "./reading.js";
import type { Resource } from "./resources.js";
import { createServiceJoin, type ReadService } from "./services.js";

/**
 * Services, with the addresses of the hand-written slices that belong to them. The first list of
 * services waits for the first word about slices, lest each of them seems to change at the start.
 */
export function readServices(
  context: ReadingContext,
  resources: { readonly services: Resource; readonly slices: Resource },
): { readonly services: Reading; readonly slices: Reading } {
  const { clock, emit } = context;
  const join = createServiceJoin();
  const serviceNames = createNames();
  const sliceNames = createNames();
  let waiting: readonly ReadService[] | undefined;

  const flush = (): void => {
    if (waiting === undefined) return;
    const objects = join.replaceServices(waiting);
    waiting = undefined;
    emit([{ type: "list", at: clock.now(), kind: "Service", objects }]);
  };

  const tell = (changed: readonly Observed[], gapFrom?: number): void => {
    if (waiting !== undefined) return flush();
    // The service's own dates say nothing of its slices.
    const now = clock.now();
    for (const { object, uid = "" } of changed) emit([setOf({ object, uid }, gapFrom, now)]);
  };

  const slices = createListWatch<Slice>({
    ...context,
    resource: resources.slices,
    take: toSlice,
    listed: (items) => {
      sliceNames.clear();
      for (const item of items) sliceNames.add(item);
      tell(join.replaceSlices(items));
    },
    set: (item, gapFrom) => {
      sliceNames.add(item);
      tell(join.setSlice(item), gapFrom);
    },
    deleted: (item) => {
      sliceNames.remove(item);
      tell(join.removeSlice(item));
    },
    alive: () => undefined,
    // Slices that may not be read are not waited for.
    failed: flush,
  });

  const services = createListWatch<ReadService>({
    ...context,
    resource: resources.services,
    take: (raw) => ({ service: toService(raw), observed: aboutOf(raw) }),
    listed: (items) => {
      serviceNames.clear();
      for (const { service } of items) serviceNames.add(service);
      waiting = items;
      if (slices.state().state !== "starting") flush();
    },
    set: (item, gapFrom) => {
      serviceNames.add(item.service);
      flush();
      emit([setOf(join.setService(item), gapFrom, clock.now())]);
    },
    deleted: (item) => {
      serviceNames.remove(item.service);
      flush();
      join.removeService(item);
      const { namespace, name } = item.service;
      const uid = item.observed.uid ?? "";
      emit([{ type: "delete", at: clock.now(), id: { kind: "Service", namespace, name }, uid }]);
    },
    alive: () => {
      if (waiting === undefined) emit([{ type: "alive", kind: "Service", at: clock.now() }]);
    },
  });

  return {
    services: {
      watch: services,
      status: () => statusOf(resources.services, services, serviceNames),
    },
    slices: { watch: slices, status: () => statusOf(resources.slices, slices, sliceNames) },
  };
}
