import { KEEPING_SETTINGS } from "./keeping-settings.js";
import { OBSERVER_SETTINGS } from "./observer-settings.js";
import type { Setting } from "./setting.js";

export type { Setting, SettingGroup, SettingKind } from "./setting.js";

/**
 * Every setting there is. One name everywhere: `--ttl-drops` on the command line,
 * `DROPSCOPE_TTL_DROPS` in the environment, `ttl-drops:` in the file. The command
 * line wins over the environment, the environment over the file, the file over
 * the default.
 */
export const SETTINGS = {
  data: {
    kind: "text",
    value: "DIR",
    default: ".dropscope",
    group: "store",
    help: "folder of the embedded store and the spool",
  },
  clickhouse: {
    kind: "text",
    value: "URL",
    group: "store",
    help: "use this ClickHouse server instead of the embedded one (http://host:8123)",
  },
  "clickhouse-user": {
    kind: "text",
    value: "NAME",
    group: "store",
    help: "user for --clickhouse (default: the one in its address, else default)",
  },
  "clickhouse-password-file": {
    kind: "text",
    value: "FILE",
    group: "store",
    help: "file that holds the password for --clickhouse",
  },
  "clickhouse-password": {
    kind: "text",
    value: "SECRET",
    group: "store",
    secret: true,
    help: "password for --clickhouse; prefer the file or DROPSCOPE_CLICKHOUSE_PASSWORD",
  },
  "engine-memory": {
    kind: "bytes",
    value: "SIZE",
    default: "2GiB",
    group: "store",
    help: "memory bound of the embedded engine",
  },
  ...KEEPING_SETTINGS,
  relay: {
    kind: "text",
    value: "HOST[:PORT]",
    group: "source",
    help: "Hubble Relay or agent; port 4245 when none is given, tls://HOST turns TLS on",
  },
  from: {
    kind: "list",
    value: "FILE",
    group: "source",
    help: "read exported flows from these files instead ('-' is standard input)",
  },
  tls: { kind: "flag", group: "source", help: "speak TLS to the relay" },
  "tls-allow-insecure": {
    kind: "flag",
    group: "source",
    help: "do not verify the relay's certificate; warns every minute",
  },
  "tls-ca-cert-files": {
    kind: "list",
    value: "FILE",
    group: "source",
    help: "CA certificates to trust for the relay",
  },
  "tls-client-cert-file": {
    kind: "text",
    value: "FILE",
    group: "source",
    help: "client certificate for mTLS",
  },
  "tls-client-key-file": {
    kind: "text",
    value: "FILE",
    group: "source",
    help: "client key for mTLS",
  },
  "tls-server-name": {
    kind: "text",
    value: "NAME",
    group: "source",
    help: "name to expect in the relay's certificate (ui.hubble-relay.cilium.io)",
  },
  backfill: {
    kind: "duration",
    value: "TIME",
    default: "10m",
    group: "source",
    help: "how far back to read from the relay's rings at the first start",
  },
  redact: {
    kind: "text",
    value: "MODE",
    choices: ["auto", "on", "off"],
    default: "auto",
    group: "source",
    help: "remove secrets from URLs and headers before anything is stored; auto: on for a relay, off for files",
  },
  "redact-allow-headers": {
    kind: "list",
    value: "NAME",
    group: "source",
    help: "HTTP headers that are kept although redaction is on",
  },
  catalog: {
    kind: "text",
    value: "SOURCE",
    choices: ["auto", "kubernetes", "folder", "none"],
    default: "auto",
    group: "catalog",
    help: "where policies, pods and namespaces come from; auto: the folders of --policies when some are named, else the API server when --kubeconfig or --kube-context is given or this runs in a pod",
  },
  "policies-history": {
    kind: "flag",
    group: "catalog",
    help: "read the git history of the --policies folders too: what a commit says holds from its time on",
  },
  kubeconfig: {
    kind: "text",
    value: "FILE",
    group: "catalog",
    help: "kubeconfig of the cluster (default: KUBECONFIG, ~/.kube/config, or the pod's own account); rights to get, list and watch are enough",
  },
  "kube-context": {
    kind: "text",
    value: "NAME",
    group: "catalog",
    help: "context of the kubeconfig (default: its current one)",
  },
  "cluster-name": {
    kind: "text",
    value: "NAME",
    default: "default",
    group: "catalog",
    help: "name of the cluster in Cilium's configuration (cluster-name)",
  },
  profile: {
    kind: "text",
    value: "NAME",
    choices: ["cilium", "kubernetes"],
    default: "cilium",
    group: "catalog",
    help: "data plane whose rules decide what policies mean; kubernetes: plain NetworkPolicy, where a CIDR may match a pod",
  },
  host: {
    kind: "text",
    value: "ADDRESS",
    default: "127.0.0.1",
    group: "dashboard",
    help: "address to listen on; without authentication only loopback is allowed",
  },
  port: {
    kind: "number",
    value: "PORT",
    default: 8080,
    group: "dashboard",
    help: "port of the dashboard",
  },
  "metrics-port": {
    kind: "number",
    value: "PORT",
    group: "dashboard",
    help: "serve /metrics on a port of its own (loopback) instead of the dashboard's",
  },
  ...OBSERVER_SETTINGS,
  "notify-webhook": {
    kind: "text",
    value: "URL",
    group: "notify",
    secret: true,
    help: "tell this webhook of problems that begin, come back and end; prefer the file or DROPSCOPE_NOTIFY_WEBHOOK",
  },
  "notify-webhook-file": {
    kind: "text",
    value: "FILE",
    group: "notify",
    help: "file that holds the address of the webhook",
  },
  "notify-format": {
    kind: "text",
    value: "FORMAT",
    choices: ["json", "slack"],
    default: "json",
    group: "notify",
    help: "what the webhook gets: one JSON object, or a message for Slack",
  },
  "notify-outcomes": {
    kind: "list",
    value: "OUTCOME",
    group: "notify",
    help: "causes that are told of: default-deny, denied-by-rule, l7-denied, auth-required, policy-changed, unexplained, not-policy (default: all but not-policy)",
  },
  "notify-link": {
    kind: "text",
    value: "URL",
    group: "notify",
    help: "address under which people open the dashboard, for links in notifications",
  },
  seed: {
    kind: "text",
    value: "TEXT",
    default: "shop",
    group: "simulate",
    help: "same seed, same flows",
  },
  rate: {
    kind: "number",
    value: "N",
    default: 150,
    group: "simulate",
    help: "flows per second of the simulated cluster",
  },
  listen: {
    kind: "text",
    value: "HOST:PORT",
    default: "127.0.0.1:4245",
    group: "simulate",
    help: "where the simulated relay listens",
  },
  policies: {
    kind: "list",
    value: "DIR",
    group: "general",
    help: "policies as YAML: `simulate` writes them there; `import`, `explain`, `correlate`, `policy check` and `policy explain` read them (folders, files, - for standard input)",
  },
  "resolved-after": {
    kind: "duration",
    value: "TIME",
    default: "15m",
    group: "general",
    help: "a problem is resolved when no drop of it came for so long",
  },
  incidents: {
    kind: "list",
    value: "NAME",
    group: "simulate",
    help: "incidents of the simulated cluster (default: all; none for a quiet one)",
  },
  watch: {
    kind: "flag",
    group: "simulate",
    help: "obey the policies in the folder of --policies, whoever edits them; an incident that a policy causes goes on until it is repaired there",
  },
  "tls-cert-file": {
    kind: "text",
    value: "FILE",
    group: "simulate",
    help: "serve the simulated relay with this certificate",
  },
  "tls-key-file": {
    kind: "text",
    value: "FILE",
    group: "simulate",
    help: "key of --tls-cert-file",
  },
  "tls-client-ca-file": {
    kind: "text",
    value: "FILE",
    group: "simulate",
    help: "the simulated relay accepts only clients with a certificate of this CA",
  },
  "log-level": {
    kind: "text",
    value: "LEVEL",
    choices: ["debug", "info", "warn", "error", "silent"],
    default: "info",
    group: "general",
    help: "how much to log",
  },
  "log-format": {
    kind: "text",
    value: "FORMAT",
    choices: ["auto", "text", "json"],
    default: "auto",
    group: "general",
    help: "auto: text on a terminal, JSON otherwise",
  },
} as const satisfies Record<string, Setting>;

export type SettingName = keyof typeof SETTINGS;

type ValueOf<S extends Setting> = S["kind"] extends "number" | "bytes" | "days" | "duration"
  ? number
  : S["kind"] extends "flag"
    ? boolean
    : S["kind"] extends "list"
      ? string[]
      : string;

/** Settings after parsing: sizes in bytes, durations in ms, ages in days. */
export type Config = {
  [N in SettingName]:
    | ValueOf<(typeof SETTINGS)[N]>
    | ((typeof SETTINGS)[N] extends { default: string | number } | { kind: "flag" | "list" }
        ? never
        : undefined);
};

export type Origin = "flag" | "environment" | "file" | "default";

export const settingNames = Object.keys(SETTINGS) as SettingName[];

export const envName = (name: SettingName): string =>
  `DROPSCOPE_${name.toUpperCase().replaceAll("-", "_")}`;
