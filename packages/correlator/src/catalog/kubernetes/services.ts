import type { Service } from "@dropscope/policy";
import { namespaced } from "../objects.js";
import type { Observed } from "../source.js";
import type { Slice } from "./convert.js";

/** A service as it was read, with what is known of the object. */
export interface ReadService {
  readonly service: Service;
  readonly observed: Omit<Observed, "object">;
}

/** Puts the addresses of hand-written slices into the services that have no selector. */
export interface ServiceJoin {
  replaceSlices(slices: readonly Slice[]): Observed[];
  setSlice(slice: Slice): Observed[];
  removeSlice(slice: Slice): Observed[];
  replaceServices(services: readonly ReadService[]): Observed[];
  setService(service: ReadService): Observed;
  removeService(service: ReadService): void;
}

export function createServiceJoin(): ServiceJoin {
  const services = new Map<string, ReadService>();
  /** By service, then by slice. */
  const slices = new Map<string, Map<string, Slice>>();

  const joined = ({ service, observed }: ReadService): Observed => {
    const { namespace, name } = service;
    const found = slices.get(`${namespace}/${name}`);
    if (service.selector !== undefined || found === undefined)
      return { ...observed, object: namespaced("Service", service) };
    const ordered = [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    const backendAddresses = [...new Set(ordered.flatMap(({ addresses }) => addresses))];
    return { ...observed, object: namespaced("Service", { ...service, backendAddresses }) };
  };

  const servicesOf = (names: Iterable<string>): Observed[] =>
    [...new Set(names)].flatMap((name) => {
      const service = services.get(name);
      return service === undefined || service.service.selector !== undefined
        ? []
        : [joined(service)];
    });

  const put = (slice: Slice): string => {
    const owner = ownerOf(slice);
    const others = slices.get(owner) ?? new Map<string, Slice>();
    slices.set(owner, others.set(slice.name, slice));
    return owner;
  };

  const drop = ({ namespace, name }: Slice): string[] =>
    [...slices].flatMap(([owner, some]) => {
      if (!owner.startsWith(`${namespace}/`) || !some.delete(name)) return [];
      if (some.size === 0) slices.delete(owner);
      return [owner];
    });

  return {
    replaceSlices: (all) => {
      const before = [...slices.keys()];
      slices.clear();
      return servicesOf([...before, ...all.map(put)]);
    },
    // A slice may have been given to another service.
    setSlice: (slice) => servicesOf([...drop(slice), put(slice)]),
    removeSlice: (slice) => servicesOf(drop(slice)),
    replaceServices: (all) => {
      services.clear();
      for (const one of all) services.set(nameOf(one), one);
      return all.map(joined);
    },
    setService: (one) => {
      services.set(nameOf(one), one);
      return joined(one);
    },
    removeService: (one) => {
      services.delete(nameOf(one));
    },
  };
}

function ownerOf({ namespace, service }: Slice): string {
  return `${namespace}/${service}`;
}

function nameOf({ service }: ReadService): string {
  return `${service.namespace}/${service.name}`;
}
