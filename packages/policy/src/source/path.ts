/**
 * Paths within an object, as people write them: `spec.ingress[0].from[1].podSelector`,
 * and `metadata.labels["app.kubernetes.io/name"]` for keys that are no plain words.
 */
export type Step = string | number;

const word = /^[A-Za-z_][\w-]*$/;

export function childPath(path: string, step: Step): string {
  if (typeof step === "number") return `${path}[${step}]`;
  if (!word.test(step)) return `${path}[${JSON.stringify(step)}]`;
  return path === "" ? step : `${path}.${step}`;
}

/** Takes a path apart; what cannot be read ends it. */
export function pathSteps(path: string): Step[] {
  const steps: Step[] = [];
  const part = /\.?([A-Za-z_][\w-]*)|\[(\d{1,9})\]|\[("(?:[^"\\]|\\.)*")\]/y;
  for (let found = part.exec(path); found; found = part.exec(path)) {
    const [, name, index, quoted] = found;
    if (name !== undefined) steps.push(name);
    else if (index !== undefined) steps.push(Number(index));
    else steps.push(unquote(quoted!));
  }
  return steps;
}

function unquote(quoted: string): string {
  try {
    return JSON.parse(quoted) as string;
  } catch {
    return quoted.slice(1, -1);
  }
}
