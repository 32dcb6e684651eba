import { createDropPairs, explainByStore, isExplained } from "@dropscope/correlator";
import {
  DropscopeError,
  type DropExplanation,
  EXIT,
  type Flow,
  LOCAL_VIEWER,
  type Part,
} from "@dropscope/model";
import { createObjectReader, createReader, type FlowReader, readJudgedBy } from "@dropscope/store";
import { createQuietLogger } from "../../log.js";
import { shown } from "../../observe/paint.js";
import type { Invocation } from "../../program.js";
import { runUntilStopped } from "../../wire/run-until-stopped.js";
import { storeToRead } from "../../wire/store.js";
import { profileOf } from "../policy/profile-options.js";
import { clusterNamed } from "./cluster.js";
import { explainerOf } from "./offline.js";
import { explanationText } from "./print.js";

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Explains one stored flow.
 * @throws DropscopeError `USAGE` for what is no id, `FLOW_MISSING` for one that the store does not hold
 */
export async function explainStored(uuid: string, invocation: Invocation): Promise<void> {
  const { loaded, options } = invocation;
  if (!UUID.test(uuid))
    throw new DropscopeError("USAGE", `${JSON.stringify(shown(uuid))} is no id of a flow.`, {
      next: "An id looks like 1b4e28ba-2fa1-4d2b-883f-0016d3cca427; `dropscope observe -o jsonpb` prints them.",
      exitCode: EXIT.usage,
    });
  const { config } = loaded;
  const logger = createQuietLogger(config);
  const store = storeToRead(config, logger);
  const stopping = new AbortController();
  const part: Part = {
    start: () => Promise.resolve(),
    stop: () => Promise.resolve(stopping.abort()),
  };
  await runUntilStopped(
    [
      { name: "store", part: store },
      { name: "explain", part },
    ],
    logger,
    { until: tell },
  );

  async function tell(): Promise<void> {
    const told = await packetOf(uuid, createReader(store.client), stopping.signal);
    process.stdout.write(explanationText(await explain(told), options["output"] as string));
  }

  /** By the policies of its own time as the store has them, unless others are named. */
  async function explain(flow: Flow): Promise<DropExplanation> {
    if (config.policies.length > 0)
      return (
        await explainerOf(config.policies, options, clusterNamed(flow), config["policies-history"])
      ).explain(flow);
    const judge = await readJudgedBy(store.client, { signal: stopping.signal });
    const profile = profileOf({
      ...options,
      profile: options["profile"] ?? judge?.profile ?? "cilium",
      cluster: options["cluster"] ?? judge?.cluster ?? clusterNamed(flow) ?? "default",
    });
    const reader = createObjectReader(store.client);
    return explainByStore(flow, reader, { profile, now: Date.now() });
  }
}

/** The flow, with the policies that the other event of its packet names. */
async function packetOf(uuid: string, reader: FlowReader, signal: AbortSignal): Promise<Flow> {
  const detail = await reader.detail(uuid, LOCAL_VIEWER, signal);
  if (detail === undefined)
    throw new DropscopeError("FLOW_MISSING", `The store holds no flow ${uuid}.`, {
      next: "It may have been older than the store keeps flows, or belong to another store; name that with --data.",
      exitCode: EXIT.noInput,
    });
  const { flow, related } = detail;
  if (!isExplained(flow))
    throw new DropscopeError("FLOW_NOT_DROPPED", `Flow ${uuid} was not dropped.`, {
      next: "There is nothing to explain; `dropscope policy check` says why a connection is allowed.",
      exitCode: EXIT.badInput,
    });
  const others: Flow[] = [];
  for (const row of related) {
    if (row.verdict !== "DROPPED" && row.verdict !== "AUDIT") continue;
    const other = await reader.detail(row.uuid, LOCAL_VIEWER, signal);
    if (other !== undefined && other.flow.uuid !== flow.uuid) others.push(other.flow);
  }
  const inOrder = [flow, ...others].sort((a, b) => ((a.time ?? "") < (b.time ?? "") ? -1 : 1));
  const pairs = createDropPairs();
  const ready = [...inOrder.flatMap((one) => pairs.push(one)), ...pairs.flush()];
  return ready.find((one) => one.flow === flow)?.told ?? flow;
}
