import { connect as connectTcp, isIP, type Socket } from "node:net";
import { checkServerIdentity, connect as connectTls, type PeerCertificate } from "node:tls";
import { DropscopeError } from "@dropscope/model";
import { readCertificates } from "./certificates.js";
import type { HubbleTarget } from "./config.js";
import * as mistake from "./tls-mistakes.js";

const PROBE_MS = 5_000;
/** What an HTTP/2 client says first, with an empty SETTINGS frame: every HTTP/2 server answers it at once. */
const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u0004\0\0\0\0\0", "latin1");

/**
 * gRPC tells every TLS mistake as UNAVAILABLE, like an outage. So after a failure the server is asked
 * directly, once: does it speak TLS, which certificate has it, does it want ours?
 * @returns the mistake; undefined when TLS is not what is wrong.
 */
export async function diagnose(target: HubbleTarget): Promise<DropscopeError | undefined> {
  if (target.address.unix) return undefined;
  if (target.tls === undefined) {
    const seen = await probe(target, "any-tls");
    return seen.handshake || isAlert(seen.code) ? mistake.serverSpeaksTls(target) : undefined;
  }
  let seen: Probe;
  try {
    seen = await probe(target, "as-configured");
  } catch (error) {
    return error instanceof DropscopeError ? error : undefined;
  }
  if (seen.answered) return undefined;
  const named = mistake.fromCode(target, seen.code, seen.certificate);
  if (named !== undefined) return named;
  if (seen.handshake) return seen.closed ? mistake.clientCertificate(target) : undefined;
  if (!seen.connected) return undefined;
  return (await probe(target, "plaintext")).answered
    ? mistake.serverSpeaksPlaintext(target)
    : undefined;
}

/** Does anything accept connections there? Cheaper than a whole gRPC attempt while a server is away. */
export async function reachable(target: HubbleTarget): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = dial(target);
    const done = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(PROBE_MS, () => done(false));
    socket.once("connect", () => done(true));
    socket.once("error", () => done(false));
  });
}

interface Probe {
  connected: boolean;
  /** The TLS handshake came to its end (TLS 1.3: our certificate may still be refused). */
  handshake: boolean;
  /** HTTP/2 bytes came back. */
  answered: boolean;
  /** The server closed. */
  closed: boolean;
  code?: string;
  certificate?: PeerCertificate;
}

async function probe(
  target: HubbleTarget,
  how: "as-configured" | "any-tls" | "plaintext",
): Promise<Probe> {
  const context =
    how === "as-configured" ? (await readCertificates(target.tls!)).context : undefined;
  const verify = how === "as-configured" && !target.tls!.insecure;
  const seen: Probe = { connected: false, handshake: false, answered: false, closed: false };
  return new Promise((resolve) => {
    const tcp = dial(target);
    const done = () => {
      clearTimeout(timer);
      tcp.destroy();
      resolve(seen);
    };
    const timer = setTimeout(done, PROBE_MS);
    const failed = (error: Error & { code?: string; cert?: PeerCertificate }) => {
      seen.code ??= error.code ?? "";
      if (error.cert !== undefined) seen.certificate = error.cert;
      seen.closed = true;
      done();
    };
    tcp.once("error", failed);
    tcp.once("connect", () => {
      seen.connected = true;
      const name = target.tls?.serverName ?? target.address.host;
      const socket: Socket =
        how === "plaintext"
          ? tcp
          : connectTls({
              socket: tcp,
              ...(context && { secureContext: context }),
              ...(isIP(name) === 0 && { servername: name }),
              ALPNProtocols: ["h2"],
              rejectUnauthorized: verify,
              checkServerIdentity: (_host, certificate) => {
                seen.certificate = certificate;
                return checkServerIdentity(name, certificate);
              },
            });
      if (socket === tcp) socket.write(PREFACE);
      else {
        socket.once("error", failed);
        socket.once("secureConnect", () => {
          seen.handshake = true;
          socket.write(PREFACE);
        });
      }
      socket.once("data", () => {
        seen.answered = true;
        done();
      });
      socket.once("close", () => {
        seen.closed = true;
        done();
      });
    });
  });
}

function dial(target: HubbleTarget): Socket {
  const { unix, host, port } = target.address;
  return unix ? connectTcp(host) : connectTcp(port, host);
}

/** An alert is TLS: a server without TLS cannot send one. */
function isAlert(code: string | undefined): boolean {
  return code !== undefined && /^ERR_SSL_.*ALERT/.test(code);
}
