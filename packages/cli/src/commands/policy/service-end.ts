import { DropscopeError, EXIT, nearest } from "@dropscope/model";
import { addressEndpoint, isBackend, type Service, type World } from "@dropscope/policy";
import { shown } from "../../observe/paint.js";
import type { End } from "./ends.js";

/**
 * The Service that `svc/NS/NAME` or `NAME.NS.svc…` names; undefined for another form.
 * @throws DropscopeError `POLICY_END` (exit 66) when it is not among the manifests
 */
export function serviceOf(text: string, flag: string, world: World): Service | undefined {
  const named =
    /^(?:svc|service)\/([^/]+)\/([^/]+)$/.exec(text) ??
    swapped(/^([^./]+)\.([^./]+)\.svc(?:\.|$)/.exec(text));
  if (!named) return undefined;
  const [, namespace = "", name = ""] = named;
  const { services } = world.context;
  const found = services.find((one) => one.namespace === namespace && one.name === name);
  if (found) return found;
  const guess = nearest(
    `${namespace}/${name}`,
    services.map((one) => `${one.namespace}/${one.name}`),
  );
  throw new DropscopeError(
    "POLICY_END",
    `${flag}: there is no Service ${shown(`${namespace}/${name}`)} in the manifests.`,
    {
      next: guess ? `Did you mean svc/${shown(guess)}?` : "Name a pod, a workload or an address.",
      exitCode: EXIT.noInput,
    },
  );
}

/** DNS names say the Service first. */
function swapped(match: RegExpExecArray | null): string[] | null {
  return match && [match[0], match[2] ?? "", match[1] ?? ""];
}

/**
 * What is behind a Service: policies never see the Service itself.
 * @throws DropscopeError `POLICY_END` (exit 66) when nothing is
 */
export function backendsOf(service: Service, world: World): End {
  const name = `${service.namespace}/${service.name}`;
  const pods = world.workloads.flatMap((workload) => workload.pods);
  const endpoints = [
    ...pods.filter((pod) => isBackend(service, pod)),
    ...service.backendAddresses.map(
      (address) => world.endpoint(address) ?? addressEndpoint({ address }),
    ),
  ];
  if (endpoints.length === 0)
    throw new DropscopeError(
      "POLICY_END",
      `Service ${shown(name)} has no backend in the manifests, and policies see only backends.`,
      { next: "Add the pods that its selector means, or name one.", exitCode: EXIT.noInput },
    );
  const count = endpoints.length === 1 ? "1 backend" : `${endpoints.length} backends`;
  return {
    endpoints,
    service,
    notes: [`Service ${name} has ${count}; policies see the backend and its own port`],
  };
}
