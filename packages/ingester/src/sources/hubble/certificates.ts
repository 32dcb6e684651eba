import { createHash, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createSecureContext, rootCertificates, type SecureContext } from "node:tls";
import { DropscopeError, EXIT } from "@dropscope/model";
import type { HubbleTls } from "./config.js";

/** What the files held at one moment. */
export interface Certificates {
  context: SecureContext;
  /** Changes with any byte of any file. */
  fingerprint: string;
}

interface Pem {
  ca: Buffer[];
  cert?: Buffer;
  key?: Buffer;
}

/**
 * Reads the files and makes a TLS context from them: at least TLS 1.3, as Hubble's own servers demand.
 * @throws DropscopeError `HUBBLE_TLS_FILE` when a file is missing, unreadable or not what it should be.
 */
export async function readCertificates(tls: HubbleTls): Promise<Certificates> {
  const pem = await readPem(tls);
  for (const [at, ca] of pem.ca.entries()) checkCertificate(ca, tls.caFiles[at]!);
  if (pem.cert !== undefined) checkCertificate(pem.cert, tls.certFile!);
  try {
    const context = createSecureContext({
      minVersion: "TLSv1.3",
      ca: pem.ca.length > 0 ? pem.ca : [...rootCertificates],
      ...(pem.cert && { cert: pem.cert }),
      ...(pem.key && { key: pem.key }),
    });
    return { context, fingerprint: fingerprintOf(pem) };
  } catch (cause) {
    throw fileError(
      `The client certificate and its key do not work together (${codeOf(cause)}).`,
      `Check that ${tls.keyFile ?? "the key file"} is the unencrypted PEM key of ${tls.certFile ?? "the certificate"}.`,
    );
  }
}

/** The fingerprint alone, to notice a rotation; undefined while a file cannot be read (it is being replaced). */
export async function fingerprintCertificates(tls: HubbleTls): Promise<string | undefined> {
  try {
    return fingerprintOf(await readPem(tls));
  } catch {
    return undefined;
  }
}

async function readPem(tls: HubbleTls): Promise<Pem> {
  return {
    ca: await Promise.all(tls.caFiles.map((path) => readOne(path, "CA"))),
    ...(tls.certFile && { cert: await readOne(tls.certFile, "client certificate") }),
    ...(tls.keyFile && { key: await readOne(tls.keyFile, "client key") }),
  };
}

async function readOne(path: string, what: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw fileError(
      `The ${what} file ${path} cannot be read (${codeOf(cause)}).`,
      "Check the path and that this user may read it; it is tried again by itself.",
    );
  }
}

function checkCertificate(pem: Buffer, path: string): void {
  try {
    void new X509Certificate(pem);
  } catch {
    throw fileError(
      `${path} holds no PEM certificate.`,
      "Point to the ca.crt or tls.crt of the secret (PEM, BEGIN CERTIFICATE).",
    );
  }
}

function fingerprintOf(pem: Pem): string {
  const hash = createHash("sha256");
  for (const part of [...pem.ca, pem.cert, pem.key]) {
    hash.update(`${part?.length ?? -1}:`);
    if (part !== undefined) hash.update(part);
  }
  return hash.digest("hex");
}

function fileError(message: string, next: string): DropscopeError {
  return new DropscopeError("HUBBLE_TLS_FILE", message, { next, exitCode: EXIT.config });
}

function codeOf(cause: unknown): string {
  const { code } = cause as { code?: unknown };
  return typeof code === "string" ? code : "unreadable";
}
