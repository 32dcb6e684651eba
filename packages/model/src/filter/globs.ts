import { FilterError } from "./filter-error.js";

/**
 * Name patterns of Hubble: `*` stands for any run of name characters, dots included.
 * Kept as the literal parts between the stars, so that no pattern can backtrack.
 */
export interface Glob {
  readonly parts: readonly string[];
}

const NAME = /^[-.0-9A-Za-z_]*$/;
const PATTERN = /^[-.0-9a-z_*]+$/;

/** Lower-cases, trims, and drops one trailing dot, as Hubble does. */
export function parseGlob(pattern: string, what: string): Glob {
  const text = pattern.trim().replace(/\.$/, "").toLowerCase();
  if (text === "" || text.endsWith(".")) {
    throw new FilterError(
      `${JSON.stringify(pattern)} is not a ${what} pattern`,
      `Give a ${what}, with * for any part of it.`,
    );
  }
  if (!PATTERN.test(text)) {
    throw new FilterError(
      `${JSON.stringify(pattern)} is not a ${what} pattern: only letters, digits, "-", "_", "." and "*" are allowed`,
      `Give a ${what}, with * for any part of it.`,
    );
  }
  return { parts: text.split("*") };
}

export function globMatches(glob: Glob, name: string): boolean {
  if (!NAME.test(name)) return false;
  const [first = "", ...rest] = glob.parts;
  if (!name.startsWith(first)) return false;
  if (rest.length === 0) return name === first;
  let at = first.length;
  const last = rest.pop() ?? "";
  for (const part of rest) {
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return name.length - last.length >= at && name.endsWith(last);
}

/** The same as a regular expression in RE2 syntax, without anchors. */
export function globRegex(glob: Glob): string {
  return glob.parts.map(quoteRegex).join("[-.0-9A-Za-z_]*");
}

/** Quotes for RE2 and for JavaScript alike. */
export function quoteRegex(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, (char) => `\\${char}`);
}

/** `cluster/node`; an empty part means any. A pattern without a slash means the node in any cluster. */
export interface NodeGlob {
  readonly cluster: Glob | undefined;
  readonly node: Glob | undefined;
}

export function parseNodeGlob(pattern: string): NodeGlob {
  const parts = pattern.split("/");
  if (pattern === "" || parts.length > 2) {
    throw new FilterError(
      `${JSON.stringify(pattern)} is not a node name pattern`,
      "Give NODE or CLUSTER/NODE, with * for any part of a name.",
    );
  }
  const [cluster, node] = parts.length === 2 ? parts : ["", parts[0]];
  const globOf = (text: string | undefined): Glob | undefined =>
    text === undefined || text === "" ? undefined : parseGlob(text, "node name");
  return { cluster: globOf(cluster), node: globOf(node) };
}

/** A node of the cluster "default" is named without its cluster. */
export function fullNodeName(name: string): string {
  return name.includes("/") ? name : `default/${name}`;
}

const ANY: Glob = { parts: ["", ""] };

export function nodeGlobMatches(glob: NodeGlob, name: string): boolean {
  const [cluster = "", node = "", ...more] = fullNodeName(name).split("/");
  if (more.length > 0 || cluster === "" || node === "") return false;
  return globMatches(glob.cluster ?? ANY, cluster) && globMatches(glob.node ?? ANY, node);
}

/** For RE2, without anchors, over the full node name. */
export function nodeGlobRegex(glob: NodeGlob): string {
  const any = "[-.0-9A-Za-z_]+";
  const part = (one: Glob | undefined): string => (one === undefined ? any : globRegex(one));
  return `${part(glob.cluster)}/${part(glob.node)}`;
}

/** `namespace/name` of a policy; what is absent means any. Without a slash the name in any namespace. */
export interface PolicyGlob {
  readonly namespace: Glob | undefined;
  readonly name: Glob | undefined;
}

export function parsePolicyGlob(pattern: string): PolicyGlob {
  const parts = pattern.split("/");
  const [namespace, name] = parts.length === 2 ? parts : ["", parts[0]];
  if (parts.length > 2 || (namespace === "" && name === "")) {
    throw new FilterError(
      `${JSON.stringify(pattern)} is not the name of a policy`,
      "Give NAME or NAMESPACE/NAME, with * for any part of a name.",
    );
  }
  const globOf = (text: string | undefined): Glob | undefined =>
    text === undefined || text === "" ? undefined : parseGlob(text, "policy name");
  return { namespace: globOf(namespace), name: globOf(name) };
}

export function policyGlobMatches(glob: PolicyGlob, namespace: string, name: string): boolean {
  return (
    (glob.namespace === undefined || globMatches(glob.namespace, namespace)) &&
    (glob.name === undefined || globMatches(glob.name, name))
  );
}
