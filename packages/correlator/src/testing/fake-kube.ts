import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";

/** A Kubernetes object, as tests write it. */
export interface FakeObject {
  metadata: {
    name: string;
    namespace?: string;
    uid?: string;
    labels?: Record<string, string>;
    resourceVersion?: string;
    creationTimestamp?: string;
    managedFields?: { time: string; subresource?: string }[];
  };
  [more: string]: unknown;
}

export interface FakeKubeOptions {
  /** Serves HTTPS with these (PEM). */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Resources that there are, by group and version; `core/v1` for the core group. */
  readonly has?: Readonly<Record<string, readonly string[]>>;
  /** Answers 401 to whoever does not bring it. */
  readonly token?: string;
}

interface Event {
  readonly plural: string;
  readonly version: number;
  readonly line: string;
}

interface Watcher {
  readonly plural: string;
  readonly response: ServerResponse;
}

const EVERYTHING: Readonly<Record<string, readonly string[]>> = {
  "core/v1": ["namespaces", "pods", "services", "nodes"],
  "networking.k8s.io/v1": ["networkpolicies"],
  "discovery.k8s.io/v1": ["endpointslices"],
  "cilium.io/v2": ["ciliumnetworkpolicies", "ciliumclusterwidenetworkpolicies", "ciliumcidrgroups"],
  "policy.networking.k8s.io/v1alpha1": ["adminnetworkpolicies", "baselineadminnetworkpolicies"],
};

/** An API server that lists and watches, on loopback, and does wrong when it is told to. */
export interface FakeKube {
  readonly url: string;
  /** Creates or updates, and tells the watchers. */
  put(plural: string, object: FakeObject): void;
  remove(plural: string, name: string, namespace?: string): void;
  /** Forgets events: who wants to go on from before gets 410. */
  compact(): void;
  /** Answers 410 to the next requests for a further page. */
  expirePages(times: number): void;
  bookmark(plural: string): void;
  /** Ends watches as a server does when their time is over. */
  endWatches(plural: string): void;
  /** Cuts connections; with a text, after having sent that much of an event. */
  cut(plural: string, half?: string): void;
  /** Sends any text to the watchers. */
  say(plural: string, text: string): void;
  /** Sends all events of the resource again. */
  repeat(plural: string): void;
  /** Answers the next requests of the resource with a status; 0: hangs up. `times` may be Infinity. */
  fail(plural: string, status: number, times?: number, headers?: Record<string, string>): void;
  /** Accepts requests of the resource and says nothing; open watches hear nothing. */
  silence(plural: string, on: boolean): void;
  /** Takes a resource away, as when its definition is deleted, or brings it. */
  define(groupVersion: string, plural: string, on: boolean): void;
  watching(plural: string): number;
  /** Paths with queries, in order. */
  readonly requests: readonly string[];
  close(): Promise<void>;
}

export async function startFakeKube(options: FakeKubeOptions = {}): Promise<FakeKube> {
  const objects = new Map<string, Map<string, FakeObject>>();
  const has = new Map(
    Object.entries(options.has ?? EVERYTHING).map(([at, all]) => [at, new Set(all)]),
  );
  const events: Event[] = [];
  const watchers = new Set<Watcher>();
  const failures = new Map<
    string,
    { status: number; times: number; headers: Record<string, string> }
  >();
  const silent = new Set<string>();
  const requests: string[] = [];
  let version = 100;
  let compacted = 0;
  let expiring = 0;

  const ofPlural = (plural: string): Map<string, FakeObject> => {
    let found = objects.get(plural);
    if (found === undefined) objects.set(plural, (found = new Map()));
    return found;
  };

  const send = (plural: string, text: string): void => {
    if (silent.has(plural)) return;
    for (const watcher of watchers) if (watcher.plural === plural) watcher.response.write(text);
  };

  const emit = (plural: string, type: string, object: FakeObject): void => {
    const line = `${JSON.stringify({ type, object })}\n`;
    events.push({ plural, version, line });
    send(plural, line);
  };

  const json = (response: ServerResponse, status: number, body: unknown, headers = {}): void => {
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(JSON.stringify(body));
  };

  const list = (plural: string, url: URL, response: ServerResponse): void => {
    const limit = Number(url.searchParams.get("limit") ?? 0) || Number.POSITIVE_INFINITY;
    const from = Number(url.searchParams.get("continue") ?? 0);
    if (from > 0 && expiring > 0) {
      expiring -= 1;
      return json(response, 410, { code: 410, reason: "Expired" });
    }
    const all = [...ofPlural(plural).values()].filter(selected(url));
    const items = all.slice(from, from + limit);
    const more = from + limit < all.length ? { continue: String(from + limit) } : {};
    json(response, 200, { metadata: { resourceVersion: String(version), ...more }, items });
  };

  const watch = (plural: string, url: URL, response: ServerResponse): void => {
    const from = Number(url.searchParams.get("resourceVersion"));
    if (from < compacted) return json(response, 410, { code: 410, reason: "Expired" });
    response.writeHead(200, { "content-type": "application/json" });
    response.flushHeaders();
    for (const event of events)
      if (event.plural === plural && event.version > from) response.write(event.line);
    const watcher = { plural, response };
    watchers.add(watcher);
    response.on("close", () => watchers.delete(watcher));
  };

  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const url = new URL(request.url ?? "/", "http://fake");
    requests.push(url.pathname + url.search);
    if (options.token !== undefined && request.headers.authorization !== `Bearer ${options.token}`)
      return json(response, 401, {});
    const [, group = "core", at = "", plural] =
      /^\/(?:api|apis\/([^/]+))\/([^/]+)(?:\/([^/]+))?$/.exec(url.pathname) ?? [];
    const failure = failures.get(plural ?? group);
    if (failure !== undefined && failure.times > 0) {
      failure.times -= 1;
      if (failure.status === 0) return void request.socket.destroy();
      return json(response, failure.status, {}, failure.headers);
    }
    const there = has.get(`${group}/${at}`);
    if (plural === undefined)
      return there === undefined || there.size === 0
        ? json(response, 404, {})
        : json(response, 200, { resources: [...there].map((name) => ({ name })) });
    if (there?.has(plural) !== true) return json(response, 404, {});
    if (silent.has(plural)) return;
    if (url.searchParams.has("watch")) watch(plural, url, response);
    else list(plural, url, response);
  };

  const server = options.tls ? createTlsServer(options.tls, answer) : createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const forEach = (plural: string, run: (response: ServerResponse) => void): void => {
    for (const watcher of watchers)
      if (watcher.plural === plural) {
        watchers.delete(watcher);
        run(watcher.response);
      }
  };

  return {
    url: `${options.tls ? "https" : "http"}://127.0.0.1:${port}`,
    requests,
    put(plural, object) {
      version += 1;
      const { name, namespace = "" } = object.metadata;
      const before = ofPlural(plural).get(`${namespace}/${name}`);
      const stored: FakeObject = {
        ...object,
        metadata: {
          uid: before?.metadata.uid ?? `uid-${version}`,
          creationTimestamp: before?.metadata.creationTimestamp ?? "2026-01-01T00:00:00Z",
          ...object.metadata,
          resourceVersion: String(version),
        },
      };
      ofPlural(plural).set(`${namespace}/${name}`, stored);
      emit(plural, before ? "MODIFIED" : "ADDED", stored);
    },
    remove(plural, name, namespace = "") {
      const found = ofPlural(plural).get(`${namespace}/${name}`);
      if (found === undefined) return;
      version += 1;
      ofPlural(plural).delete(`${namespace}/${name}`);
      const metadata = { ...found.metadata, resourceVersion: String(version) };
      emit(plural, "DELETED", { ...found, metadata });
    },
    compact() {
      compacted = version + 1;
      version += 2;
      events.length = 0;
    },
    expirePages(times) {
      expiring = times;
    },
    bookmark(plural) {
      const metadata = { resourceVersion: String(version) };
      send(plural, `${JSON.stringify({ type: "BOOKMARK", object: { metadata } })}\n`);
    },
    endWatches: (plural) => forEach(plural, (response) => response.end()),
    cut: (plural, half) =>
      forEach(plural, (response) => {
        if (half === undefined) response.socket?.destroy();
        else response.write(half, () => response.socket?.destroy());
      }),
    say: send,
    repeat: (plural) => {
      for (const event of events) if (event.plural === plural) send(plural, event.line);
    },
    fail: (plural, status, times = 1, headers = {}) => {
      failures.set(plural, { status, times, headers });
    },
    silence: (plural, on) => {
      if (on) silent.add(plural);
      else silent.delete(plural);
    },
    define: (groupVersion, plural, on) => {
      const there = has.get(groupVersion) ?? new Set<string>();
      has.set(groupVersion, there);
      if (on) there.add(plural);
      else there.delete(plural);
      if (!on) objects.delete(plural);
    },
    watching: (plural) => [...watchers].filter((watcher) => watcher.plural === plural).length,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Only the one form of selector that is asked for: `key!=value`. */
function selected(url: URL): (object: FakeObject) => boolean {
  const [key = "", value] = (url.searchParams.get("labelSelector") ?? "").split("!=");
  return ({ metadata }) => value === undefined || metadata.labels?.[key] !== value;
}
