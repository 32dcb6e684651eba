/** Settings of the Observer API; named as those of Hubble's own servers, with `observer-` before them. */
export const OBSERVER_SETTINGS = {
  observer: {
    kind: "text",
    value: "[HOST]:PORT",
    group: "observer",
    help: "serve Hubble's Observer API here, so that the real hubble CLI and Hubble UI read what is stored; without a host 127.0.0.1",
  },
  "observer-tls-cert-file": {
    kind: "text",
    value: "FILE",
    group: "observer",
    help: "certificate of the Observer API; renewed files count without a restart",
  },
  "observer-tls-key-file": {
    kind: "text",
    value: "FILE",
    group: "observer",
    help: "key of --observer-tls-cert-file",
  },
  "observer-tls-client-ca-files": {
    kind: "list",
    value: "FILE",
    group: "observer",
    help: "the Observer API takes only clients with a certificate of these CAs",
  },
  "observer-allow-plaintext": {
    kind: "flag",
    group: "observer",
    help: "serve the Observer API to other machines without TLS: whoever reaches it reads every flow",
  },
} as const;
