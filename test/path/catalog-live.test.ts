import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  connectKubernetes,
  createFolderSource,
  createKubernetesSource,
  createLiveCatalog,
  type ApiServer,
  type CatalogSource,
  type LiveCatalog,
  type SourceChange,
} from "@dropscope/correlator";
import { startFakeKube, until, type FakeKube } from "@dropscope/correlator/testing";
import { LOCAL_VIEWER } from "@dropscope/model";
import { PROFILES, type Catalog, type CatalogObject } from "@dropscope/policy";
import { createObjectReader, createStoreClient, type StoreClient } from "@dropscope/store";
import { startTestStore, type TestStore } from "@dropscope/store/testing";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { mulberry } from "../kit/lossy-proxy.js";
import { createAuthority } from "../kit/x509.js";

const authority = createAuthority("cluster-ca");
const DAY = 86_400_000;
let store: TestStore;
let folder: string;
const running: LiveCatalog[] = [];
const kubes: FakeKube[] = [];

beforeAll(async () => {
  store = await startTestStore();
  folder = mkdtempSync(join(tmpdir(), "dropscope-catalog-"));
});
afterEach(async () => {
  for (const live of running.splice(0)) await live.stop(3000);
  for (const kube of kubes.splice(0)) await kube.close();
  for (const table of ["object_versions", "object_contents", "object_watches"])
    await store.client.command(`TRUNCATE TABLE ${table}`);
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await store.close();
});

async function live(
  sources: CatalogSource[],
  options: { client?: StoreClient; clock?: { now(): number } } = {},
): Promise<LiveCatalog> {
  const { client = store.client, clock } = options;
  const catalog = createLiveCatalog({
    sources,
    store: { client },
    profile: PROFILES.cilium,
    ...(clock === undefined ? {} : { clock: { ...clock, after: realTimer } }),
  });
  running.push(catalog);
  await catalog.start();
  return catalog;
}

function realTimer(ms: number, run: () => void): () => void {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
}

async function stopped(catalog: LiveCatalog): Promise<void> {
  running.splice(running.indexOf(catalog), 1);
  await catalog.stop(5000);
}

/** Everything that a catalog knows, in an order of its own. */
function knowledge(catalog: Catalog): string[] {
  return [...catalog.records()]
    .flatMap((one) => (one.record === "version" ? [JSON.stringify(one)] : []))
    .sort();
}

const namespace = (name: string, team: string): CatalogObject => ({
  kind: "Namespace",
  namespace: "",
  name,
  value: { name, labels: { team }, place: { file: "", line: 1, column: 1, path: "" } },
});

/** A source that says what a test tells it to. */
function told(): CatalogSource & { say(...changes: SourceChange[]): void } {
  let listener: (changes: readonly SourceChange[]) => void = () => undefined;
  return {
    name: "kubernetes",
    onChange: (given) => {
      listener = given;
    },
    start: () => Promise.resolve(),
    stop: () => Promise.resolve(),
    status: () => [],
    say: (...changes) => listener(changes),
  };
}

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

function kubeconfig(
  name: string,
  server: string,
  more: { ca?: string; user?: object } = {},
): string {
  const ca = Buffer.from(more.ca ?? authority.certificate).toString("base64");
  return file(
    name,
    JSON.stringify({
      apiVersion: "v1",
      kind: "Config",
      "current-context": "one",
      clusters: [{ name: "c", cluster: { server, "certificate-authority-data": ca } }],
      users: [{ name: "u", user: more.user ?? { token: "let-me-in" } }],
      contexts: [
        { name: "one", context: { cluster: "c", user: "u" } },
        { name: "broken", context: { cluster: "no such", user: "u" } },
      ],
    }),
  );
}

async function secureKube(): Promise<FakeKube> {
  const { certificate, key } = authority.issue({ names: ["127.0.0.1"] });
  const kube = await startFakeKube({ tls: { cert: certificate, key }, token: "let-me-in" });
  kubes.push(kube);
  return kube;
}

const policy = (name: string) => ({
  metadata: { name, namespace: "shop" },
  spec: { podSelector: { matchLabels: { app: name } } },
});

describe("an API server behind TLS", () => {
  const source = (server: ApiServer): CatalogSource => createKubernetesSource({ server });

  it("is read with the kubeconfig's certificate authority and token", async () => {
    const kube = await secureKube();
    kube.put("networkpolicies", policy("web"));
    const server = await connectKubernetes({ kubeconfig: kubeconfig("good", kube.url) });
    expect(server.name).toBe(kube.url);
    const catalog = await live([source(server)]);
    await catalog.ready();
    expect(catalog.status()).toMatchObject({ state: "ok", message: "" });
    expect(catalog.catalog.at(Date.now()).policies()).toMatchObject([{ name: "web" }]);
    kube.put("networkpolicies", policy("api"));
    await until("api", () => catalog.catalog.at(Date.now()).policies().length === 2);
  });

  it("a token file may end with a line break", async () => {
    const kube = await secureKube();
    const tokenFile = file("token", "let-me-in\n");
    const user = { "auth-provider": { name: "tokenFile", config: { tokenFile } } };
    const server = await connectKubernetes({ kubeconfig: kubeconfig("file", kube.url, { user }) });
    const catalog = await live([source(server)]);
    await catalog.ready();
    expect(catalog.status().state).toBe("ok");
  });

  it("a wrong token is said to be so, without the token", async () => {
    const kube = await secureKube();
    const user = { token: "sesame" };
    const server = await connectKubernetes({ kubeconfig: kubeconfig("bad", kube.url, { user }) });
    const catalog = await live([source(server)]);
    await catalog.ready();
    expect(catalog.status().state).toBe("down");
    expect(catalog.status().message).toContain("may not be read (401)");
    expect(JSON.stringify(catalog.status())).not.toContain("sesame");
  });

  it("a certificate of somebody else is refused", async () => {
    const kube = await secureKube();
    const ca = createAuthority("somebody else").certificate;
    const server = await connectKubernetes({ kubeconfig: kubeconfig("ca", kube.url, { ca }) });
    const catalog = await live([source(server)]);
    await catalog.ready();
    expect(catalog.status().state).toBe("down");
    expect(kube.requests).toEqual([]);
  });

  it.each([
    ["no file", { kubeconfig: "/no/such/file" }, /\/no\/such\/file: ENOENT/],
    ["no context", { context: "two" }, /no context "two" \(there are: one, broken\)/],
    ["no cluster", { context: "broken" }, /names no cluster/],
  ])("a kubeconfig with %s is refused in words", async (_, target, message) => {
    const good = kubeconfig("ok", "https://127.0.0.1:1");
    await expect(connectKubernetes({ kubeconfig: good, ...target })).rejects.toMatchObject({
      code: "KUBE_CONFIG",
      message: expect.stringMatching(message) as string,
    });
  });

  it("one that is not YAML is refused without a word of it", async () => {
    const bad = file("rubbish", "token: 'top secret\n  - [");
    await expect(connectKubernetes({ kubeconfig: bad })).rejects.toThrow(
      /^The kubeconfig cannot be used: it is not YAML\.$/,
    );
  });
});

describe("a restart", () => {
  it("changes no answer about any moment", async () => {
    const kube = await startFakeKube();
    kubes.push(kube);
    const server = {
      name: kube.url,
      base: new URL(kube.url),
      options: () => Promise.resolve({}),
    };
    kube.put("networkpolicies", policy("web"));
    kube.put("pods", { metadata: { name: "a", namespace: "shop", labels: { app: "web" } } });
    const first = await live([createKubernetesSource({ server })]);
    await first.ready();
    kube.put("networkpolicies", {
      ...policy("web"),
      spec: { podSelector: {}, policyTypes: ["Egress"] },
    });
    kube.remove("pods", "a", "shop");
    // Two versions of the policy, one pod; of each the first is over.
    await until("both", () => {
      const told = knowledge(first.catalog);
      return told.length === 3 && told.filter((one) => !one.includes('"to":null')).length === 2;
    });
    const before = knowledge(first.catalog);
    await stopped(first);
    const second = await live([createKubernetesSource({ server })]);
    await second.ready();
    expect(knowledge(second.catalog)).toEqual(before);
  });

  it("dates what happened meanwhile by the object, and calls the time between uncertain", async () => {
    const kube = await startFakeKube();
    kubes.push(kube);
    const server = {
      name: kube.url,
      base: new URL(kube.url),
      options: () => Promise.resolve({}),
    };
    kube.put("networkpolicies", policy("gone"));
    kube.put("networkpolicies", policy("changed"));
    const first = await live([createKubernetesSource({ server })]);
    await first.ready();
    await stopped(first);
    const down = Date.now();
    await new Promise((resolve) => setTimeout(resolve, 30));
    kube.remove("networkpolicies", "gone", "shop");
    const at = new Date(down + 10).toISOString();
    kube.put("networkpolicies", {
      metadata: { ...policy("changed").metadata, managedFields: [{ time: at }] },
      spec: { podSelector: {} },
    });
    const second = await live([createKubernetesSource({ server })]);
    await second.ready();
    const changes = second.catalog.changes(down, Date.now());
    expect(changes.map(({ id, after }) => `${id.name} ${after === undefined ? "-" : "+"}`)).toEqual(
      ["changed +", "gone -"],
    );
    expect(changes[0]?.at).toBe(down + 10);
    expect(second.catalog.at(down + 5).isCertain).toBe(false);
    // Control: while somebody watched, and now that somebody does again, it is certain.
    expect(second.catalog.at(Date.now()).isCertain).toBe(true);
  });

  it("after a crash that lost what was not stored yet: a list brings it back", async () => {
    const source = told();
    // A store that takes nothing more stands for a process that was killed before it was asked.
    let isDead = false;
    const client: StoreClient = {
      ...store.client,
      insertRows: (...row) =>
        isDead ? Promise.reject(new Error("killed")) : store.client.insertRows(...row),
    };
    const first = await live([source], { client });
    await until("the start", () => first.status().state !== "starting");
    const at = Date.now() - 60_000;
    const observed = (team: string, changed?: number) => ({
      object: namespace("a", team),
      created: at,
      ...(changed === undefined ? {} : { changed }),
    });
    source.say({ type: "list", at, kind: "Namespace", objects: [observed("x")] });
    await until("it to be stored", () => first.status().waiting === 0);
    isDead = true;
    source.say({ type: "set", at: at + 5000, observed: observed("y") });
    const again = told();
    const second = await live([again]);
    await until("the past", () => second.status().state !== "starting");
    expect(second.catalog.at(at + 6000).namespaceLabels("a")).toMatchObject({ team: "x" });
    const objects = [observed("y", at + 5000)];
    again.say({ type: "list", at: at + 9000, kind: "Namespace", objects });
    expect(second.catalog.at(at + 6000).namespaceLabels("a")).toMatchObject({ team: "y" });
    expect(second.catalog.at(at + 4000).namespaceLabels("a")).toMatchObject({ team: "x" });
  });

  it("at any of many moments leaves the same versions as none", async () => {
    const seed = Number(process.env["SEED"] ?? 11);
    const random = mulberry(seed);
    const start = Date.now() - 3_600_000;
    const calm = told();
    const calmly = createLiveCatalog({ sources: [calm], profile: PROFILES.cilium });
    await calmly.start();
    let source = told();
    let torn = await live([source]);
    const world = new Map<string, string>();
    const list = (at: number): SourceChange => ({
      type: "list",
      at,
      kind: "Namespace",
      objects: [...world].map(([name, team]) => ({ object: namespace(name, team), created: at })),
    });
    await until("a first list", () => torn.status().state !== "starting");
    for (const one of [calm, source]) one.say(list(start));
    for (let step = 1; step <= 60; step += 1) {
      const at = start + step * 1000;
      const name = `ns${Math.floor(random() * 4)}`;
      const change: SourceChange =
        random() < 0.3
          ? { type: "delete", at, id: { kind: "Namespace", namespace: "", name } }
          : {
              type: "set",
              at,
              observed: { object: namespace(name, `t${Math.floor(random() * 3)}`) },
            };
      if (change.type === "delete") world.delete(name);
      else if (change.type === "set" && change.observed.object.kind === "Namespace")
        world.set(name, change.observed.object.value.labels["team"] ?? "");
      calm.say(change);
      source.say(change);
      if (random() > 0.15) continue;
      await stopped(torn);
      source = told();
      torn = await live([source]);
      await until("the past", () => torn.status().state !== "starting");
      source.say(list(at + 500));
    }
    const seen = knowledge(torn.catalog);
    expect(seen.length, `SEED=${seed}`).toBeGreaterThan(10);
    expect(seen, `SEED=${seed}`).toEqual(knowledge(calmly.catalog));
    await calmly.stop(100);
  });
});

describe("a store that is away at the start", () => {
  it("is waited for: what was known before is loaded before anything is compared", async () => {
    const source = told();
    const first = await live([source]);
    await until("the start", () => first.status().state !== "starting");
    source.say({
      type: "list",
      at: Date.now() - 1000,
      kind: "Namespace",
      objects: [{ object: namespace("a", "x"), created: Date.now() - 5000 }],
    });
    const before = knowledge(first.catalog);
    await stopped(first);

    let isAway = true;
    const client = createStoreClient(() => ({
      ...store.engine.target(),
      ...(isAway ? { url: "http://127.0.0.1:1" } : {}),
    }));
    const again = told();
    const second = await live([again], { client });
    await until("trouble", () => second.status().message.includes("cannot be loaded"));
    expect(second.status().state).toBe("starting");
    expect(knowledge(second.catalog)).toEqual([]);
    isAway = false;
    await until("the past", () => second.status().state !== "starting");
    expect(knowledge(second.catalog)).toEqual(before);
    await stopped(second);
    await client.close();
  });
});

describe("days that are not held in memory", () => {
  it("are loaded when they are asked for", async () => {
    const now = Date.now();
    const source = told();
    const first = await live([source]);
    await until("the start", () => first.status().state !== "starting");
    source.say(
      { type: "list", at: now - 9 * DAY, kind: "Namespace", objects: [] },
      { type: "set", at: now - 8 * DAY, observed: { object: namespace("old", "x") } },
      { type: "delete", at: now - 7 * DAY, id: { kind: "Namespace", namespace: "", name: "old" } },
      { type: "set", at: now - 6 * DAY, observed: { object: namespace("still", "y") } },
      { type: "alive", at: now - 1000, kind: "Namespace" },
    );
    await stopped(first);
    const second = await live([told()]);
    await until("the past", () => second.status().state !== "starting");
    expect(knowledge(second.catalog).join()).toContain("still");
    expect(knowledge(second.catalog).join()).not.toContain("old");
    const then = await second.historyAt(now - 7.5 * DAY);
    expect(then.at(now - 7.5 * DAY).namespaceLabels("old")).toMatchObject({ team: "x" });
    // Control: a recent moment is answered from memory.
    expect(await second.historyAt(now)).toBe(second.catalog);
  });
});

it("what is learned of a past day counts there at once", async () => {
  const source = told();
  const catalog = await live([source]);
  await until("the start", () => catalog.status().state !== "starting");
  const time = Date.now() - 400 * DAY;
  expect((await catalog.historyAt(time)).at(time).namespaceLabels("a")).not.toHaveProperty("team");
  const objects = [{ object: namespace("a", "x") }];
  source.say({ type: "list", at: Date.now(), kind: "Namespace", objects });
  expect((await catalog.historyAt(time)).at(time).namespaceLabels("a")).toMatchObject({
    team: "x",
  });
});

it("a folder's policies are stored with their text, for a later look at what they were", async () => {
  const dir = mkdtempSync(join(folder, "policies-"));
  const text = (app: string): string => `# of the shop
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: web, namespace: shop }
spec: { podSelector: { matchLabels: { app: ${app} } } }
`;
  writeFileSync(join(dir, "a.yaml"), text("one"));
  const catalog = await live([createFolderSource({ paths: [dir], pollMs: 100, settleMs: 20 })]);
  await catalog.ready();
  writeFileSync(join(dir, "a.yaml"), text("two"));
  await until("the change", () => knowledge(catalog.catalog).length === 2);
  await stopped(catalog);
  const reader = createObjectReader(store.client);
  const versions = await reader.versions({ viewer: LOCAL_VIEWER, kinds: ["NetworkPolicy"] });
  expect(versions).toHaveLength(2);
  const texts = await reader.manifests(
    versions.map(({ content }) => content),
    LOCAL_VIEWER,
  );
  expect(versions.map(({ content }) => texts.get(content))).toEqual([text("one"), text("two")]);
});
