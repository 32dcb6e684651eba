import type { NamedPort } from "../endpoint.js";
import type { Workload } from "../objects.js";
import { child, items, placeOf, type Slot } from "../source/slot.js";
import { parseAddress } from "./cidr.js";
import { readLabels } from "./cluster-objects.js";
import { readBoolean, readInteger, readRecord, readRecords, readText } from "./fields.js";
import type { ObjectInput } from "./kinds.js";
import { checkPortNumber } from "./port-numbers.js";
import type { Report } from "./report.js";

export function readPod(input: ObjectInput): Workload {
  const { report, root } = input;
  const status = child(root, "status");
  const addresses = [
    readText(report, child(status, "podIP")),
    ...(readRecords(report, child(status, "podIPs")) ?? []).map((one) =>
      readText(report, child(one, "ip")),
    ),
  ].filter(
    (address): address is string => address !== undefined && parseAddress(address) !== undefined,
  );
  const nodeName = readText(report, child(child(root, "spec"), "nodeName"));
  const owner = readOwner(report, root);
  return {
    ...readTemplate(input, "Pod", root),
    addresses: [...new Set(addresses)],
    ...(nodeName ? { nodeName } : {}),
    ...(owner ? { owner } : {}),
  };
}

/** Workloads that hold their pods' template at `spec.template`, or for a CronJob at `spec.jobTemplate.spec.template`. */
export function readWorkload(input: ObjectInput, kind: string): Workload {
  const spec = child(input.root, "spec");
  const holder = kind === "CronJob" ? child(child(spec, "jobTemplate"), "spec") : spec;
  const owner = readOwner(input.report, input.root);
  return { ...readTemplate(input, kind, child(holder, "template")), ...(owner ? { owner } : {}) };
}

/** What a pod and a pod template have in common: labels under metadata, the rest under spec. */
function readTemplate(
  { report, root, object }: ObjectInput,
  kind: string,
  template: Slot,
): Workload {
  readRecord(report, template);
  const spec = child(template, "spec");
  const account =
    readText(report, child(spec, "serviceAccountName")) ||
    readText(report, child(spec, "serviceAccount"));
  return {
    kind,
    ...object,
    labels: readLabels(report, child(child(template, "metadata"), "labels")),
    serviceAccount: account || "default",
    hostNetwork: readBoolean(report, child(spec, "hostNetwork")) ?? false,
    ports: readContainerPorts(report, spec),
    addresses: [],
    place: placeOf(root),
  };
}

/** The controller among the owners; one without a kind counts as a Pod, as netpol-analyzer has it. */
function readOwner(report: Report, root: Slot): Workload["owner"] {
  for (const owner of items(child(child(root, "metadata"), "ownerReferences"))) {
    if (child(owner, "controller").value !== true) continue;
    const name = readText(report, child(owner, "name"));
    const kind = readText(report, child(owner, "kind")) || "Pod";
    // Static pods are owned by their node, which is nobody's replica set.
    if (name && kind !== "Node") return { kind, name };
  }
  return undefined;
}

/** Ports with their names, which are what policies look up; unnamed ones are listed too, with an empty name. */
function readContainerPorts(report: Report, spec: Slot): NamedPort[] {
  const sidecars = (readRecords(report, child(spec, "initContainers")) ?? []).filter(
    (container) => child(container, "restartPolicy").value === "Always",
  );
  return [...(readRecords(report, child(spec, "containers")) ?? []), ...sidecars].flatMap(
    (container) =>
      (readRecords(report, child(container, "ports")) ?? []).flatMap((slot): NamedPort[] => {
        const port = readInteger(report, child(slot, "containerPort"));
        if (port === undefined) return [];
        checkPortNumber(report, child(slot, "containerPort"), port);
        const protocol = readProtocol(report, slot);
        const name = readText(report, child(slot, "name")) ?? "";
        return protocol ? [{ name, protocol, port }] : [];
      }),
  );
}

/** TCP when nothing is written. */
export function readProtocol(report: Report, slot: Slot): NamedPort["protocol"] | undefined {
  const protocol = readText(report, child(slot, "protocol")) ?? "TCP";
  if (protocol === "TCP" || protocol === "UDP" || protocol === "SCTP") return protocol;
  report.error(
    "BAD_PORT",
    child(slot, "protocol"),
    `${JSON.stringify(protocol.slice(0, 20))} is not a protocol`,
    "Write TCP, UDP or SCTP, in capitals.",
  );
  return undefined;
}
