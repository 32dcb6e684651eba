/** Cilium's reserved identities: numbers are part of the API, names are what the CLI takes and prints. */
export const RESERVED_IDENTITIES = {
  0: "unknown",
  1: "host",
  2: "world",
  3: "unmanaged",
  4: "health",
  5: "init",
  6: "remote-node",
  7: "kube-apiserver",
  8: "ingress",
  9: "world-ipv4",
  10: "world-ipv6",
  // Written in other words than the constant is called (ReservedEncryptedOverlay).
  11: "overlay-to-encrypt",
} as const;

/** Highest reserved identity that names an end of a connection; 0 and those above name none. */
export const LAST_ENTITY_IDENTITY = 10;

/** From here on an identity means something on one node only (CIDR and FQDN identities, remote nodes). */
export const FIRST_LOCAL_IDENTITY = 2 ** 24;
