import {
  createPrivateKey,
  generateKeyPairSync,
  randomBytes,
  sign,
  type KeyObject,
} from "node:crypto";
import { writeFileSync } from "node:fs";
import { isIPv4 } from "node:net";
import { join } from "node:path";

/** A certificate authority of a test: X.509 written by hand, so that no tool has to be installed. */
export interface Authority {
  /** PEM. */
  certificate: string;
  issue(options: IssueOptions): Issued;
}

export interface IssueOptions {
  /** DNS names (wildcards allowed) and IPv4 addresses. */
  names: string[];
  notBefore?: Date;
  notAfter?: Date;
}

export interface Issued {
  /** PEM. */
  certificate: string;
  key: string;
}

const DAY = 86_400_000;

export function createAuthority(name = "test authority"): Authority {
  const keys = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const issuer = distinguishedName(name);
  const certificate = encode({
    subject: issuer,
    issuer,
    publicKey: keys.publicKey,
    signer: keys.privateKey,
    notBefore: new Date(Date.now() - DAY),
    notAfter: new Date(Date.now() + 30 * DAY),
    extensions: [extension(OID.basicConstraints, sequence(Buffer.from([0x01, 0x01, 0xff])), true)],
  });
  return {
    certificate,
    issue({ names, notBefore, notAfter }) {
      const own = generateKeyPairSync("ec", { namedCurve: "P-256" });
      return {
        certificate: encode({
          subject: distinguishedName(names[0] ?? "nobody"),
          issuer,
          publicKey: own.publicKey,
          signer: createPrivateKey(keys.privateKey.export({ type: "pkcs8", format: "pem" })),
          notBefore: notBefore ?? new Date(Date.now() - DAY),
          notAfter: notAfter ?? new Date(Date.now() + 7 * DAY),
          extensions: [extension(OID.subjectAltName, sequence(...names.map(alternativeName)))],
        }),
        key: own.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
      };
    },
  };
}

/** Writes `<name>.crt` and `<name>.key`; returns their paths. */
export function writeIssued(dir: string, name: string, issued: Issued) {
  const certFile = join(dir, `${name}.crt`);
  const keyFile = join(dir, `${name}.key`);
  writeFileSync(certFile, issued.certificate);
  writeFileSync(keyFile, issued.key, { mode: 0o600 });
  return { certFile, keyFile };
}

const OID = {
  commonName: [0x55, 0x04, 0x03],
  basicConstraints: [0x55, 0x1d, 0x13],
  subjectAltName: [0x55, 0x1d, 0x11],
  ecdsaWithSha256: [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02],
};

function encode(parts: {
  subject: Buffer;
  issuer: Buffer;
  publicKey: KeyObject;
  signer: KeyObject;
  notBefore: Date;
  notAfter: Date;
  extensions: Buffer[];
}): string {
  const algorithm = sequence(tlv(0x06, Buffer.from(OID.ecdsaWithSha256)));
  const version3 = tlv(0xa0, tlv(0x02, Buffer.from([2])));
  // A positive number: the first bit stays clear.
  const serial = randomBytes(12);
  serial[0] = 0x40 | ((serial[0] ?? 0) & 0x3f);
  const body = sequence(
    version3,
    tlv(0x02, serial),
    algorithm,
    parts.issuer,
    sequence(utcTime(parts.notBefore), utcTime(parts.notAfter)),
    parts.subject,
    parts.publicKey.export({ type: "spki", format: "der" }),
    tlv(0xa3, sequence(...parts.extensions)),
  );
  const signature = sign("sha256", body, parts.signer);
  const whole = sequence(body, algorithm, tlv(0x03, Buffer.concat([Buffer.from([0]), signature])));
  const lines = whole.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}

function distinguishedName(name: string): Buffer {
  const pair = sequence(tlv(0x06, Buffer.from(OID.commonName)), tlv(0x0c, Buffer.from(name)));
  return sequence(tlv(0x31, pair));
}

function extension(oid: number[], value: Buffer, critical = false): Buffer {
  const flag = critical ? [tlv(0x01, Buffer.from([0xff]))] : [];
  return sequence(tlv(0x06, Buffer.from(oid)), ...flag, tlv(0x04, value));
}

function alternativeName(name: string): Buffer {
  return isIPv4(name)
    ? tlv(0x87, Buffer.from(name.split(".").map(Number)))
    : tlv(0x82, Buffer.from(name, "latin1"));
}

function utcTime(date: Date): Buffer {
  const text = date.toISOString().replace(/[-:T]/g, "").slice(2, 14);
  return tlv(0x17, Buffer.from(`${text}Z`));
}

function sequence(...parts: Uint8Array[]): Buffer {
  return tlv(0x30, Buffer.concat(parts));
}

function tlv(tag: number, value: Uint8Array): Buffer {
  const { length } = value;
  const head =
    length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...head]), value]);
}
