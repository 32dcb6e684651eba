import { DropscopeError, EXIT, type Clock } from "@dropscope/model";
import { createObserver, type ObserverServer, type ServerTls } from "@dropscope/observer";
import { createFlowBlocks, createStoreFacts, type FlowReader, type Store } from "@dropscope/store";
import type { Logger } from "pino";
import { parseHostPort } from "../config/host-port.js";
import type { Config } from "../config/settings.js";
import { version } from "../version.js";

export interface ObserverWiring {
  readonly config: Config;
  readonly store: Pick<Store, "client">;
  readonly reader: FlowReader;
  readonly logger: Logger;
  readonly clock: Clock;
}

/**
 * Hubble's Observer API as a part, where it is asked for.
 * @throws DropscopeError `CONFIG_VALUE`, `OBSERVER_PLAINTEXT`
 */
export function wireObserver(wiring: ObserverWiring): ObserverServer | undefined {
  const { config, store, reader, logger, clock } = wiring;
  const { observer } = config;
  const tls = tlsOf(config);
  if (observer === undefined) return undefined;
  return createObserver({
    listen: parseHostPort("--observer", observer),
    ...(tls === undefined ? {} : { tls }),
    allowPlaintext: config["observer-allow-plaintext"],
    reader,
    blocks: createFlowBlocks(store.client),
    facts: createStoreFacts(store.client),
    isServing: () => store.client.ping(),
    version,
    cluster: config["cluster-name"],
    clock,
    onError: (error) => logger.warn({ err: error }, "a question of the Observer API failed"),
  });
}

/** What the terminal is told when everything runs. */
export function observerLine(observer: ObserverServer | undefined): string {
  if (observer === undefined) return "";
  return `the Observer API listens on ${observer.address()}: hubble observe --server ${observer.address()}\n`;
}

function tlsOf(config: Config): ServerTls | undefined {
  const certFile = config["observer-tls-cert-file"];
  const keyFile = config["observer-tls-key-file"];
  const clientCaFiles = config["observer-tls-client-ca-files"];
  if (certFile !== undefined && keyFile !== undefined) return { certFile, keyFile, clientCaFiles };
  if (certFile === undefined && keyFile === undefined && clientCaFiles.length === 0)
    return undefined;
  throw new DropscopeError("CONFIG_VALUE", "A certificate and its key come together.", {
    next: "Give both --observer-tls-cert-file and --observer-tls-key-file, or neither.",
    exitCode: EXIT.usage,
  });
}
