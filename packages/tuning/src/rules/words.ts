import { listed, peerWords, type Policy, portWords, type Rule } from "@dropscope/policy";

/** What a rule does, as one sentence: `Pods with app=web in namespace shop may reach pods with app=db in namespace shop on TCP 5432.` */
export function ruleSentence(policy: Policy, rule: Rule): string {
  const subject = subjectWords(policy);
  const others =
    rule.peers === "any"
      ? "anybody"
      : rule.peers.length === 0
        ? "nobody"
        : listed(rule.peers.map(peerWords), 3);
  const [from, to] = rule.direction === "egress" ? [subject, others] : [others, subject];
  const may = rule.action === "deny" ? "may not" : "may";
  const text = `${from} ${may} reach ${to} on ${portsWords(rule.ports)}.`;
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** `pods with app=web in namespace shop`, `all pods`. */
export function subjectWords({ subject, namespace }: Policy): string {
  const { selector, place } = subject;
  const words = peerWords({ of: subject.of === "pods" ? "endpoints" : "nodes", selector, place });
  const within = namespace === "" || words.includes(" in namespace ");
  return within ? words : `${words} in namespace ${namespace}`;
}

export function portsWords(ports: Rule["ports"]): string {
  if (ports === "any") return "every port";
  return ports.length === 0 ? "no port" : listed([...new Set(ports.map(portWords))]);
}

/** `1 flow`, `1,204 flows`. */
export function counted(number: number, noun: string, plural = `${noun}s`): string {
  return `${Math.round(number).toLocaleString("en")} ${number === 1 ? noun : plural}`;
}

/** `a, b and 3 more`. */
export function some(texts: readonly string[], most = 3): string {
  const more = texts.length - most;
  if (more > 0) return `${texts.slice(0, most).join(", ")} and ${more} more`;
  return texts.length < 2
    ? texts.join("")
    : `${texts.slice(0, -1).join(", ")} and ${texts.at(-1) ?? ""}`;
}

/** `2026-11-20 14:02 UTC`. */
export function minute(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
