import {
  DropscopeError,
  EXIT,
  type Fix,
  type FixReplay,
  type RepairAnswer,
} from "@dropscope/model";
import { type Connection, type Policy, type Protocol, sentence } from "@dropscope/policy";
import {
  connectionOfFlow,
  createReplayer,
  refusalOf,
  type Repair,
  repair,
  type TuningCluster,
  worldOfObjects,
} from "@dropscope/tuning";
import { shown } from "../../observe/paint.js";
import type { Invocation } from "../../program.js";
import { type RepairInputs, withRepair } from "../../repair/inputs.js";
import { repairText } from "../../repair/repair-text.js";
import { writeFix } from "../../repair/write.js";
import { readEnd } from "../../commands/policy/ends.js";
import { readPort, readProtocol } from "../../commands/policy/port.js";

/** Runs `dropscope policy repair`. */
export async function run(invocation: Invocation): Promise<void> {
  refuseMixed(invocation);
  const [most, chosen] = [numberOf(invocation, "limit"), numberOf(invocation, "choose")];
  await withRepair(invocation, async (inputs) => {
    const { answer, notes } = await find(invocation, inputs, Math.max(most, chosen));
    invocation.outcome.exitCode =
      answer.fixes.length > 0 || answer.already !== "" ? EXIT.ok : EXIT.denied;
    tell(invocation, answer, notes, most, chosen);
    const { write } = invocation.options;
    // What once would have helped changes nothing now.
    const fix = answer.already === "" ? answer.fixes[chosen - 1] : undefined;
    if (write === undefined || fix === undefined) return;
    const folder = write === true ? undefined : (write as string);
    for (const path of writeFix(fix, inputs.files, folder))
      process.stderr.write(`${shown(path)} is written\n`);
  });
}

async function find(
  invocation: Invocation,
  inputs: RepairInputs,
  most: number,
): Promise<{ answer: RepairAnswer; notes: readonly string[] }> {
  const { cluster, flow, problem } = inputs;
  const refusal = problem === undefined ? "" : refusalOf(problem, flow);
  if (refusal !== "") return { answer: refused(inputs, refusal), notes: [] };
  const { connection, notes } =
    flow === undefined
      ? named(invocation, cluster)
      : { connection: ofFlow(flow, cluster), notes: [] };
  const now = await tryIn(cluster, connection, invocation, inputs, most);
  const { noFix, passes } = now;
  const told = { at: cluster.at, denied: sentence(now.now), noFix };
  if (!passes) return { answer: { ...told, fixes: now.fixes, already: "" }, notes };
  const before = flow === undefined ? undefined : await inputs.atDrop();
  const then =
    before && flow && (await tryIn(before, ofFlow(flow, before), invocation, inputs, most));
  const changed = then !== undefined && !then.passes;
  return {
    answer: {
      ...told,
      fixes: changed ? then.fixes : [],
      already: changed
        ? `The policies of now allow this traffic: they were changed since.`
        : "The policies allow it as they are: nothing has to be changed.",
    },
    notes,
  };
}

async function tryIn(
  cluster: TuningCluster,
  connection: Connection,
  invocation: Invocation,
  inputs: RepairInputs,
  most: number,
): Promise<Repair> {
  const { flow, problem, files } = inputs;
  const isRequest =
    problem === undefined ? flow?.l7 !== undefined : problem.outcome === "l7-denied";
  const replay = await replayOf(invocation, cluster, inputs, connection);
  return repair(
    cluster,
    { connection, ...(isRequest && flow !== undefined ? { request: flow } : {}) },
    { fileFor: files.fileFor, most, ...(replay === undefined ? {} : { replay }) },
  );
}

/** The connection that the words of the line name. */
function named(
  { args, options }: Invocation,
  { objects, profile }: TuningCluster,
): { connection: Connection; notes: readonly string[] } {
  const [fromText = "", toText = "", portText] = args;
  const namespace = options["namespace"] as string;
  const world = worldOfObjects(objects, profile);
  const protocol: Protocol = readProtocol(options["protocol"] as string);
  const from = readEnd(fromText, "FROM", world, namespace);
  const to = readEnd(toText, "TO", world, namespace);
  const [source, destination] = [from.endpoints[0]!, to.endpoints[0]!];
  const { port, note } = readPort(portText, protocol, destination, to.service, "PORT");
  const notes = new Set([...from.notes, ...to.notes, ...(note ? [note] : [])]);
  for (const { endpoints } of [from, to])
    if (endpoints.length > 1)
      notes.add(
        `this is about ${endpoints[0]!.name}, the first of ${endpoints.length} that are meant`,
      );
  return { connection: { from: source, to: destination, protocol, port }, notes: [...notes] };
}

function ofFlow(flow: NonNullable<RepairInputs["flow"]>, { moment }: TuningCluster): Connection {
  const told = connectionOfFlow(flow, moment);
  if (told.known) return told.connection;
  throw new DropscopeError("REPAIR_UNPLACED", `No edit can be tried out: ${told.why}.`, {
    next: "Name the connection instead: dropscope policy repair FROM TO PORT.",
    exitCode: EXIT.badInput,
  });
}

function refused({ cluster, problem }: RepairInputs, noFix: string): RepairAnswer {
  const denied = problem?.explanation.sentence ?? "";
  return { at: cluster.at, denied, fixes: [], noFix, already: "" };
}

/** Judges what was observed around the two ends by other policies; undefined where nothing is to be looked at. */
async function replayOf(
  { options }: Invocation,
  cluster: TuningCluster,
  inputs: RepairInputs,
  { from, to }: Connection,
): Promise<((policies: readonly Policy[]) => FixReplay) | undefined> {
  if (options["replay"] === false) return undefined;
  const namespaces = [...new Set([from.namespace, to.namespace])].filter((one) => one !== "");
  const seen = await inputs.traffic(namespaces);
  if (seen === null || seen.flows === 0) return undefined;
  const replayer = createReplayer(cluster, seen);
  const before = new Set(cluster.policies);
  return (policies) => {
    const set = policies.filter((policy) => !before.has(policy));
    const { evidence, counts } = replayer.replay({
      set,
      sources: new Map(),
      remove: [],
      problems: [],
    });
    const { newlyAllowed, newlyDenied, unknown } = counts;
    const { from: begin, to: end, edges } = evidence;
    return { from: begin, to: end, edges, newlyAllowed, newlyDenied, unknown };
  };
}

function tell(
  { options }: Invocation,
  answer: RepairAnswer,
  notes: readonly string[],
  most: number,
  chosen: number,
): void {
  const output = options["output"] as string;
  const fixes = answer.fixes.slice(0, most);
  if (output === "json") {
    process.stdout.write(`${JSON.stringify({ ...answer, fixes })}\n`);
    return;
  }
  if (output === "text") {
    process.stdout.write(repairText({ ...answer, fixes }, notes));
    return;
  }
  const fix = answer.already === "" ? answer.fixes[chosen - 1] : undefined;
  if (fix === undefined && answer.already === "" && answer.fixes.length > 0)
    throw usage(
      `--choose ${chosen}: there are ${answer.fixes.length} proposals.`,
      "Choose one of them.",
    );
  // Nothing on standard output is nothing to apply; why is said beside it.
  if (fix === undefined)
    process.stderr.write(`${shown(answer.noFix === "" ? answer.already : answer.noFix)}\n`);
  else process.stdout.write(textOf(fix, output));
}

function textOf({ diff, yaml, edits }: Fix, output: string): string {
  if (output === "patch") return diff;
  return output === "yaml" ? yaml : edits.map(({ command }) => `${command}\n`).join("");
}

function refuseMixed({ args, options }: Invocation): void {
  const ways = [args.length > 0, options["problem"] !== undefined, options["flow"] !== undefined];
  const count = ways.filter(Boolean).length;
  if (count !== 1)
    throw usage(
      count === 0
        ? "Nothing to repair: no problem, no flow and no connection is named."
        : "--problem, --flow and FROM TO PORT exclude one another.",
      "Write --problem ID, --flow UUID, or FROM TO PORT.",
    );
  if (args.length === 1) throw usage("TO is missing.", "Write FROM TO PORT.");
  if (options["problem"] !== undefined && options["flows"] !== undefined)
    throw usage(
      "--problem is of the store, and --flows is without one.",
      "Write --flow UUID for a flow of the file.",
    );
}

function numberOf({ options }: Invocation, name: "limit" | "choose"): number {
  const text = options[name] as string;
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1 && number <= 20) return number;
  throw usage(`--${name} ${shown(JSON.stringify(text))} is no number of 1 to 20.`, "Write one.");
}

const usage = (message: string, next: string): DropscopeError =>
  new DropscopeError("USAGE", message, { next, exitCode: EXIT.usage });
