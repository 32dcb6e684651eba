import { readFileSync, statSync } from "node:fs";
import { createSecureContext, type SecureContextOptions, type TlsOptions } from "node:tls";
import { DropscopeError, EXIT } from "@dropscope/model";

/** Certificate files in PEM, named as those of Hubble's own servers. */
export interface ServerTls {
  certFile: string;
  keyFile: string;
  /** With these every client must show a certificate signed by one of them. */
  clientCaFiles?: readonly string[];
}

/** Renewed certificates (Kubernetes swaps the files) count within this time, ms. */
const WATCH_MS = 30_000;

/** @throws DropscopeError `TLS_FILE` */
export function tlsOptions(tls: ServerTls): TlsOptions {
  const mutual = (tls.clientCaFiles?.length ?? 0) > 0;
  const files = context(tls);
  try {
    createSecureContext(files);
  } catch (error) {
    // OpenSSL's own words can quote the file.
    throw new DropscopeError("TLS_FILE", `${tls.certFile} and ${tls.keyFile} do not make a pair.`, {
      next: "Give a certificate and its own key, both PEM and the key without a passphrase.",
      exitCode: EXIT.noInput,
      cause: error,
    });
  }
  return { ...files, requestCert: mutual, rejectUnauthorized: mutual };
}

/** Hubble's servers accept TLS 1.3 and nothing older. */
function context(tls: ServerTls): SecureContextOptions {
  const ca = tls.clientCaFiles?.map(read) ?? [];
  return {
    minVersion: "TLSv1.3",
    cert: read(tls.certFile),
    key: read(tls.keyFile),
    ...(ca.length === 0 ? {} : { ca }),
  };
}

/** Tells of changed files; a set that is not whole yet (half of it swapped) is looked at again later. */
export function watchFiles(
  tls: ServerTls,
  onChange: (fresh: SecureContextOptions) => void,
): () => void {
  const files = [tls.certFile, tls.keyFile, ...(tls.clientCaFiles ?? [])];
  let known = stampOf(files);
  const timer = setInterval(() => {
    const stamp = stampOf(files);
    if (stamp === known) return;
    try {
      onChange(context(tls));
      known = stamp;
    } catch {
      // Next time.
    }
  }, WATCH_MS);
  timer.unref();
  return () => clearInterval(timer);
}

function stampOf(files: readonly string[]): string {
  return files
    .map((file) => {
      try {
        const { mtimeMs, ino } = statSync(file);
        return `${mtimeMs} ${ino}`;
      } catch {
        return "";
      }
    })
    .join();
}

function read(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new DropscopeError("TLS_FILE", `${file} cannot be read.`, {
      next: "Check the path and the rights of the file.",
      exitCode: EXIT.noInput,
      cause: error,
    });
  }
}
