import { createHmac } from "node:crypto";
import { isIP } from "node:net";
import { podOwner } from "@dropscope/model";

/**
 * Other names for names: the same one always gets the same, whatever it is the name of, so that
 * selectors go on matching and joins hold. Dots, slashes and stars stay, so that a pattern
 * (`*.example.com`) still fits, and a pod is still one of its workload's.
 */
export interface Pseudonyms {
  /** A name, or names joined by dots, slashes and colons. Addresses and numbers come back as they are. */
  readonly name: (text: string) => string;
  /** `source:key=value`, or `key=value`: the key stays. */
  readonly label: (text: string) => string;
  readonly labelKey: (key: string) => string;
  /** Prose: every word that was met as a name is replaced. */
  readonly text: (text: string) => string;
  /** An id that is a hash of names: another hash of the same length. */
  readonly id: (text: string) => string;
}

/** What Kubernetes, DNS and Cilium call so everywhere tells nothing. */
const KEPT = new Set(
  [
    "default kube-system kube-public kube-node-lease kubernetes kube-dns coredns",
    "node-local-dns cilium hubble hubble-relay hubble-ui svc pod cluster local",
    "in-addr ip6 arpa true false unknown host world remote-node kube-apiserver health",
    "init unmanaged ingress world-ipv4 world-ipv6 none all",
  ]
    .join(" ")
    .split(" "),
);

// Letters of which no words come out, as Kubernetes draws its own random names from.
const LETTERS = "bcdfghjklmnpqrstvwxz2456789";
const LENGTH = 10;
const CIDR = /^[\da-f.:]+\/\d{1,3}$/i;
const PIECE = /[^\s./:*,=]+/g;
const WORD = /[\p{L}\p{N}_](?:[\p{L}\p{N}_-]*[\p{L}\p{N}_])?/gu;
const NUMBER = /^\d+$/;
const CIDR_GROUP = "io.cilium.policy.cidrgroupname/";

export function createPseudonyms(key: Buffer): Pseudonyms {
  const known = new Map<string, string>();

  const drawn = (purpose: string, text: string, length: number, letters = LETTERS): string => {
    let drawnText = "";
    for (let round = 0; drawnText.length < length; round += 1) {
      const bytes = createHmac("sha256", key).update(`${purpose}\0${round}\0${text}`).digest();
      // Bytes that do not divide evenly among the letters are left out.
      const even = 256 - (256 % letters.length);
      for (const byte of bytes) if (byte < even) drawnText += letters[byte % letters.length];
    }
    return drawnText.slice(0, length);
  };

  const made = (piece: string): string => {
    const owner = podOwner(piece);
    if (owner === "") return `x${drawn("name", piece, LENGTH)}`;
    // What follows the name of the workload is random or counts: its shape tells that it is a pod.
    const rest = piece.slice(owner.length).split("-");
    const other = rest.map((part, at) =>
      part === "" || NUMBER.test(part) ? part : drawn(`pod ${at}`, piece, part.length),
    );
    return `${pieceOf(owner)}${other.join("-")}`;
  };

  function pieceOf(piece: string): string {
    if (KEPT.has(piece) || NUMBER.test(piece)) return piece;
    let other = known.get(piece);
    if (other === undefined) known.set(piece, (other = made(piece)));
    return other;
  }

  const name = (text: string): string =>
    isIP(text) !== 0 || CIDR.test(text) ? text : text.replace(PIECE, pieceOf);

  const labelKey = (key: string): string =>
    key.startsWith(CIDR_GROUP) ? `${CIDR_GROUP}${name(key.slice(CIDR_GROUP.length))}` : key;

  return {
    name,
    labelKey,
    label(text) {
      if (text.startsWith("reserved:") || text.startsWith("cidr:")) return text;
      const equals = text.indexOf("=");
      const [left, value] = equals < 0 ? [text, ""] : [text.slice(0, equals), text.slice(equals)];
      const [, source = "", key = left] = /^([^:/.]*:)(.*)$/s.exec(left) ?? [];
      const shown = source === "fqdn:" ? name(key) : labelKey(key);
      return `${source}${shown}${value === "" ? "" : `=${name(value.slice(1))}`}`;
    },
    text: (text) =>
      text.replace(WORD, (word) => (word.length > 1 && known.has(word) ? pieceOf(word) : word)),
    id: (text) => drawn("id", text, text.length, "0123456789abcdef"),
  };
}
