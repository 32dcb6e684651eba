import { systemClock, type Clock } from "@dropscope/model";
import type { CatalogSource, SourceChange } from "../source.js";
import type { ApiServer } from "./connect.js";
import { toNamespace, toNode, toPod } from "./convert.js";
import { readPolicy } from "./policies.js";
import { aboutOf, readResource, type Reading, type ReadingContext } from "./reading.js";
import { RESOURCES, type Resource } from "./resources.js";
import { readServices } from "./service-reading.js";

export interface KubernetesSourceOptions {
  readonly server: ApiServer;
  /** Name of the cluster in Cilium's configuration; `default` when absent. */
  readonly cluster?: string;
  readonly clock?: Clock;
  /** 0 to 1; for pauses that do not come all at once. */
  readonly random?: () => number;
}

/** Policies, pods, services, namespaces and nodes of an API server, by list and watch. */
export function createKubernetesSource(options: KubernetesSourceOptions): CatalogSource {
  const { server, cluster = "default", clock = systemClock, random = Math.random } = options;
  let listener: (changes: readonly SourceChange[]) => void = () => undefined;
  const context: ReadingContext = {
    server,
    clock,
    random,
    emit: (changes) => listener(changes),
  };
  const { services, slices } = readServices(context, {
    services: resourceOf("Service"),
    slices: resourceOf("EndpointSlice"),
  });

  const reading = (resource: Resource): Reading => {
    switch (resource.kind) {
      case "Service":
        return services;
      case "EndpointSlice":
        return slices;
      case "Pod":
        return readResource(context, resource, (raw) => ({ ...aboutOf(raw), object: toPod(raw) }));
      case "Namespace":
        return readResource(context, resource, (raw) => ({
          ...aboutOf(raw),
          object: toNamespace(raw),
        }));
      case "Node":
        return readResource(context, resource, (raw) => ({ ...aboutOf(raw), object: toNode(raw) }));
      default:
        return readResource(context, resource, (raw) => ({
          ...aboutOf(raw),
          ...readPolicy(raw, resource, cluster),
        }));
    }
  };
  const readings = RESOURCES.map(reading);

  return {
    name: "kubernetes",
    onChange: (given) => {
      listener = given;
    },
    start() {
      for (const { watch } of readings) watch.start();
      return Promise.resolve();
    },
    async stop() {
      await Promise.all(readings.map(({ watch }) => watch.stop()));
    },
    status: () => readings.map(({ status }) => status()),
  };
}

function resourceOf(kind: Resource["kind"]): Resource {
  return RESOURCES.find((resource) => resource.kind === kind) as Resource;
}
