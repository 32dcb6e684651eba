import type { PeerCertificate } from "node:tls";
import { DropscopeError, EXIT } from "@dropscope/model";
import type { HubbleTarget } from "./config.js";

export function serverSpeaksTls(target: HubbleTarget): DropscopeError {
  return error(
    "HUBBLE_TLS_EXPECTED",
    `${target.address.dial} speaks TLS, and we speak plaintext.`,
    `Write tls://${target.address.dial} (or --tls) and name the CA with --tls-ca-cert-files.`,
  );
}

export function serverSpeaksPlaintext(target: HubbleTarget): DropscopeError {
  return error(
    "HUBBLE_TLS_PLAINTEXT",
    `${target.address.dial} speaks plaintext, and we speak TLS.`,
    "Leave out tls:// and --tls, or turn on hubble.relay.tls.server.enabled.",
  );
}

/** The server ended the connection after a good handshake: in TLS 1.3 that is how ours is refused. */
export function clientCertificate(target: HubbleTarget): DropscopeError {
  if (target.tls?.certFile === undefined) {
    return error(
      "HUBBLE_TLS_CLIENT_CERT_MISSING",
      `${target.address.dial} wants a client certificate, and we have none.`,
      "Give --tls-client-cert-file and --tls-client-key-file (secret hubble-ui-client-certs or hubble-relay-client-certs).",
    );
  }
  return error(
    "HUBBLE_TLS_CLIENT_CERT",
    `${target.address.dial} does not accept the client certificate ${target.tls.certFile}.`,
    "Check that it is not expired and that the CA of the server's client verification signed it; it is read again when it changes.",
  );
}

/** OpenSSL's and Node's codes; undefined for those that say nothing about TLS. */
export function fromCode(
  target: HubbleTarget,
  code: string | undefined,
  certificate: PeerCertificate | undefined,
): DropscopeError | undefined {
  const at = target.address.dial;
  switch (code) {
    case undefined:
      return undefined;
    case "ERR_TLS_CERT_ALTNAME_INVALID":
      return error(
        "HUBBLE_TLS_NAME",
        `The certificate of ${at} is for ${namesOf(certificate)}, not for ${target.tls!.serverName}.`,
        "Set --tls-server-name to a name that the certificate has (one label in the place of *).",
      );
    case "CERT_HAS_EXPIRED":
    case "CERT_NOT_YET_VALID":
      return error(
        "HUBBLE_TLS_EXPIRED",
        `The certificate of ${at} ${code === "CERT_HAS_EXPIRED" ? "has expired" : "is not valid yet"}.`,
        "Renew the certificate (Hubble's CronJob or cert-manager does it), or set this machine's clock right.",
      );
    case "SELF_SIGNED_CERT_IN_CHAIN":
    case "DEPTH_ZERO_SELF_SIGNED_CERT":
    case "UNABLE_TO_VERIFY_LEAF_SIGNATURE":
    case "UNABLE_TO_GET_ISSUER_CERT":
    case "UNABLE_TO_GET_ISSUER_CERT_LOCALLY":
    case "CERT_SIGNATURE_FAILURE":
    case "CERT_UNTRUSTED":
    case "INVALID_CA":
    case "CERT_CHAIN_TOO_LONG":
      return error(
        "HUBBLE_TLS_CA",
        `The certificate of ${at} is not signed by ${caOf(target)} (${code}).`,
        "Give the ca.crt of the secret hubble-relay-server-certs (CA cilium-ca) with --tls-ca-cert-files.",
      );
    case "ERR_SSL_WRONG_VERSION_NUMBER":
    case "ERR_SSL_PACKET_LENGTH_TOO_LONG":
    case "ERR_SSL_HTTP_REQUEST":
      return serverSpeaksPlaintext(target);
    case "ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION":
    case "ERR_SSL_UNSUPPORTED_PROTOCOL":
      return error(
        "HUBBLE_TLS_VERSION",
        `${at} does not speak TLS 1.3, which Hubble's servers demand.`,
        "Check what stands in front of relay: a proxy that ends TLS must offer 1.3.",
      );
    default:
      return /^ERR_SSL_.*ALERT.*(CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED|HANDSHAKE_FAILURE|DECRYPT_ERROR)/.test(
        code,
      )
        ? clientCertificate(target)
        : undefined;
  }
}

function caOf(target: HubbleTarget): string {
  const files = target.tls?.caFiles ?? [];
  return files.length === 0 ? "any of the system's authorities" : files.join(", ");
}

function namesOf(certificate: PeerCertificate | undefined): string {
  const names = (certificate?.subjectaltname ?? "")
    .split(", ")
    .map((name) => name.replace(/^(DNS|IP Address):/, ""))
    .filter((name) => /^[\w.*:-]{1,253}$/.test(name));
  if (names.length === 0) return "no name at all";
  return names.length > 5 ? `${names.slice(0, 5).join(", ")} …` : names.join(", ");
}

function error(code: string, message: string, next: string): DropscopeError {
  return new DropscopeError(code, message, { next, exitCode: EXIT.unavailable });
}
