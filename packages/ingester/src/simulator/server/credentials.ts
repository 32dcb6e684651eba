import { readFileSync } from "node:fs";
import { ServerCredentials } from "@grpc/grpc-js";

/** Certificate files in PEM. With `clientCaFile` every client must show a certificate signed by it. */
export interface ServerTls {
  certFile: string;
  keyFile: string;
  clientCaFile?: string;
}

/** Files are read when the server begins to listen, so that a renewed certificate counts after a restart. */
export function serverCredentials(tls: ServerTls | undefined): ServerCredentials {
  return tls === undefined ? ServerCredentials.createInsecure() : new Tls13Credentials(tls);
}

/** Agents and relay accept TLS 1.3 and nothing older; grpc-js's own credentials cannot say that. */
class Tls13Credentials extends ServerCredentials {
  constructor(tls: ServerTls) {
    const ca = tls.clientCaFile === undefined ? undefined : readFileSync(tls.clientCaFile);
    super(
      { requestCert: ca !== undefined, rejectUnauthorized: ca !== undefined },
      {
        minVersion: "TLSv1.3",
        cert: readFileSync(tls.certFile),
        key: readFileSync(tls.keyFile),
        ...(ca === undefined ? {} : { ca }),
      },
    );
  }

  override _equals(other: ServerCredentials): boolean {
    return this === other;
  }
}
