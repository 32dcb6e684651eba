/**
 * The syntaxes of Kubernetes names, as the API server checks them
 * (apimachinery, util/validation). Each function returns what is wrong, or undefined.
 */

const MAX_LABEL = 63;
const MAX_SUBDOMAIN = 253;

const label = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/;
const qualified = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?$/;

/** Names of namespaces. */
export function wrongDnsLabel(name: string): string | undefined {
  if (name.length > MAX_LABEL) return `is longer than ${MAX_LABEL} characters`;
  return label.test(name)
    ? undefined
    : "must be lower case letters, digits and '-', and begin and end with a letter or digit";
}

/** Names of most objects, and the part of a label key before the slash. */
export function wrongDnsSubdomain(name: string): string | undefined {
  if (name.length > MAX_SUBDOMAIN) return `is longer than ${MAX_SUBDOMAIN} characters`;
  return name.split(".").every((part) => label.test(part))
    ? undefined
    : "must be lower case letters, digits, '-' and '.', and begin and end with a letter or digit";
}

export function wrongLabelKey(key: string): string | undefined {
  const slash = key.indexOf("/");
  const name = key.slice(slash + 1);
  if (slash >= 0) {
    const prefix = key.slice(0, slash);
    if (prefix === "") return "the part before '/' is empty";
    const wrong = wrongDnsSubdomain(prefix);
    if (wrong) return `the part before '/' ${wrong}`;
  }
  if (name === "") return "the name is empty";
  if (name.length > MAX_LABEL) return `the name is longer than ${MAX_LABEL} characters`;
  return qualified.test(name)
    ? undefined
    : "the name must be letters, digits, '-', '_' and '.', and begin and end with a letter or digit";
}

export function wrongLabelValue(value: string): string | undefined {
  if (value === "") return undefined;
  if (value.length > MAX_LABEL) return `is longer than ${MAX_LABEL} characters`;
  return qualified.test(value)
    ? undefined
    : "must be letters, digits, '-', '_' and '.', and begin and end with a letter or digit";
}

/** Names of ports (IANA service names): lower case in Kubernetes. */
export function wrongPortName(name: string): string | undefined {
  if (name.length === 0 || name.length > 15) return "must have 1 to 15 characters";
  if (!/^[-a-z0-9]+$/.test(name)) return "must be lower case letters, digits and '-'";
  if (!/[a-z]/.test(name)) return "must contain a letter";
  if (name.includes("--") || name.startsWith("-") || name.endsWith("-"))
    return "must not begin or end with '-' nor contain '--'";
  return undefined;
}
