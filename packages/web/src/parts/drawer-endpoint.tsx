import type { Endpoint, Service } from "@dropscope/model";
import type { ComponentChildren } from "preact";
import { safe } from "../lib/safe.js";
import { copy } from "../state/toast.js";
import { AddressThen } from "./address-then.js";

/** From 2^24 on an identity belongs to one node and means nothing on another. */
const LOCAL_IDENTITY = 16_777_216;

export function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

/** A value that people take with them. */
export function Value({ text }: { text: string }) {
  const shown = safe(text, 512);
  return (
    <button
      type="button"
      class="value mono"
      title={`Copy ${shown}`}
      onClick={() => void copy(text, "Text")}
    >
      {shown}
    </button>
  );
}

export function DrawerEndpoint(props: {
  title: string;
  endpoint: Endpoint | undefined;
  address: string;
  port: number;
  names: string[] | undefined;
  service: Service | undefined;
  /** Time of the flow, ms since 1970. */
  at: number;
}) {
  const { endpoint, service } = props;
  const identity = endpoint?.identity ?? 0;
  return (
    <section class="block end" aria-label={props.title}>
      <h3>{props.title}</h3>
      <dl class="facts">
        {endpoint?.namespace && (
          <Fact name="Namespace">
            <Value text={endpoint.namespace} />
          </Fact>
        )}
        {(endpoint?.workloads ?? []).map((workload) => (
          <Fact
            name={safe(workload.kind || "Workload", 40)}
            key={`${workload.kind} ${workload.name}`}
          >
            <Value text={workload.name ?? ""} />
          </Fact>
        ))}
        {endpoint?.pod_name && (
          <Fact name="Pod">
            <Value text={endpoint.pod_name} />
          </Fact>
        )}
        {props.address !== "" && (
          <Fact name="Address">
            <Value text={props.address} />
            {props.port > 0 && <span class="mono num dim">:{props.port}</span>}
            {!endpoint?.pod_name && <AddressThen address={props.address} at={props.at} />}
          </Fact>
        )}
        {(props.names ?? []).length > 0 && (
          <Fact name="DNS names">
            {(props.names ?? []).map((name) => (
              <Value text={name} key={name} />
            ))}
          </Fact>
        )}
        {service?.name && (
          <Fact name="Service">
            <Value
              text={service.namespace ? `${service.namespace}/${service.name}` : service.name}
            />
          </Fact>
        )}
        {identity > 0 && (
          <Fact name="Identity">
            <Value text={String(identity)} />
            {identity >= LOCAL_IDENTITY && <span class="dim"> local to its node</span>}
          </Fact>
        )}
        {endpoint?.cluster_name && (
          <Fact name="Cluster">
            <Value text={endpoint.cluster_name} />
          </Fact>
        )}
      </dl>
      <Labels list={endpoint?.labels ?? []} />
    </section>
  );
}

const FEW = 8;

function Labels({ list }: { list: readonly string[] }) {
  if (list.length === 0) return null;
  const shown = list.slice(0, FEW);
  const more = list.slice(FEW);
  return (
    <>
      <ul class="labels" aria-label="Labels">
        {shown.map((label) => (
          <Label text={label} key={label} />
        ))}
      </ul>
      {more.length > 0 && (
        <details>
          <summary>{more.length} more labels</summary>
          <ul class="labels">
            {more.map((label) => (
              <Label text={label} key={label} />
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

function Label({ text }: { text: string }) {
  const shown = safe(text, 400);
  const cut = shown.indexOf("=");
  return (
    <li class="label mono" title={shown}>
      {cut < 0 ? (
        shown
      ) : (
        <>
          <span class="dim">{shown.slice(0, cut + 1)}</span>
          {shown.slice(cut + 1)}
        </>
      )}
    </li>
  );
}
