/** Plain data as YAML in block style: what a new policy is written in. */
export function yamlOf(value: unknown): string {
  return `${block(value, 0)}\n`;
}

function block(value: unknown, depth: number): string {
  const pad = "  ".repeat(depth);
  if (Array.isArray(value)) {
    if (value.length === 0) return "[]";
    return value.map((item) => `${pad}- ${nested(item, depth + 1).trimStart()}`).join("\n");
  }
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value);
    if (entries.length === 0) return "{}";
    return entries
      .map(([key, inner]) => {
        const text = nested(inner, depth + 1);
        return `${pad}${scalar(key)}:${text.includes("\n") || isBlock(inner) ? `\n${text}` : ` ${text.trim()}`}`;
      })
      .join("\n");
  }
  return scalar(value);
}

function nested(value: unknown, depth: number): string {
  return isBlock(value) ? block(value, depth) : block(value, 0);
}

function isBlock(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length > 0;
}

/** Text that could be read as something else stands in quotes. */
function scalar(value: unknown): string {
  if (typeof value !== "string") return JSON.stringify(value);
  const plain = /^[A-Za-z_][\w./-]*$/.test(value) || /^[a-z0-9.]+(:[\w./-]+)+$/.test(value);
  return plain && !/^(y|n|yes|no|on|off|true|false|null)$/i.test(value)
    ? value
    : JSON.stringify(value);
}
