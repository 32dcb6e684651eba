import type { Fix, FixReplay, Flow } from "@dropscope/model";
import {
  type Connection,
  type DecisionExplanation,
  type Direction,
  isDenial,
  l7ListsOf,
  type Policy,
  type SideExplanation,
} from "@dropscope/policy";
import type { TuningCluster } from "../cluster/index.js";
import { policyText } from "./candidate.js";
import { createDrafting, type Draft } from "./draft.js";
import { type CountedEnd, countedEnds, peerOfEnd, worldOfObjects } from "./ends.js";
import { createNaming } from "./naming.js";
import { createReach, type Reach, type Reaching } from "./reach.js";
import { whyNone, whyNoRequest, withoutRules } from "./refusals.js";
import { createSearch, type Search } from "./search.js";
import { type FileFor, written, type Written } from "./written.js";

export interface RepairAsked {
  readonly connection: Connection;
  /** The request, where it was the proxy that refused; packets are then not what is asked about. */
  readonly request?: Flow;
  /** Ends at which it must pass, as far as it can be made to; both when absent. What the other one denies is said. */
  readonly directions?: readonly Direction[];
}

export interface RepairOptions {
  /** File of a policy that is not there yet; `NAME.yaml` when absent. */
  readonly fileFor?: FileFor;
  /** Default 3. */
  readonly most?: number;
  /** What observed traffic would meet under changed policies. */
  readonly replay?: (policies: readonly Policy[]) => FixReplay | null;
}

export interface Repair {
  /** Why it is denied; what the policies say now. */
  readonly now: DecisionExplanation;
  /** Least newly allowed first. */
  readonly fixes: readonly Fix[];
  /** Why there is none; empty when there is one or none is needed. */
  readonly noFix: string;
  /** Whether the connection passes as it is. */
  readonly passes: boolean;
}

/** Where both ends deny, so many edits of each are tried together. */
const MOST_OF_A_SIDE = 8;

/**
 * Edits of policies that let a denied connection pass, where both ends deny at both: each is made, read
 * again and evaluated, and those that let nothing else pass come first. Edits that would deny
 * anything that passes now are left out.
 */
export function repair(
  cluster: TuningCluster,
  { connection, request, directions = ["egress", "ingress"] }: RepairAsked,
  { fileFor = ({ name }) => `${name}.yaml`, most = 3, replay }: RepairOptions = {},
): Repair {
  const { policies, sources, moment } = cluster;
  const context = moment.context(connection.from.kind === "host" ? connection.from : connection.to);
  const ends = endsOf(cluster, connection);
  const naming = createNaming(ends);
  const drafting = createDrafting({ connection, policies, sources, context });
  const search = createSearch({ connection, request, drafting, ends, naming, context });
  const now = drafting.judge(drafting.start);
  const failing = directions.filter((direction) => !search.passes(now[direction]));
  if (failing.length === 0) return { now, fixes: [], noFix: "", passes: true };
  const reaching = createReach({ connection, request, policies, context, ends, naming });
  const found = failing.reduce<readonly Draft[]>(
    (drafts, direction) =>
      extended(drafts, direction, search, failing.length === 1 ? undefined : reaching),
    [drafting.start],
  );
  const ranked = leastFirst(found, reaching, most);
  const fixes: Fix[] = [];
  for (const { draft, reach } of ranked) {
    if (fixes.length >= most) break;
    const text = written(draft, fileFor);
    if (text === undefined) continue;
    const fix = fixOf(draft, text, reach, drafting.judge(draft), search);
    if (fixes.some(({ diff }) => diff === fix.diff)) continue;
    fixes.push(replay === undefined ? fix : { ...fix, replay: replay(draft.policies) });
  }
  if (fixes.length > 0) return { now, fixes, noFix: "", passes: false };
  return { now, fixes, noFix: whyNot(), passes: false };

  function whyNot(): string {
    if (ranked.length > 0)
      return "The policies are written so that no small edit of their text can be made: with aliases at the place, say. Write the place out, and ask again.";
    if (found.some(({ edits }) => edits.length > 0))
      return "Every small edit that allows it would deny something that passes now.";
    const [direction] = failing as [Direction, ...Direction[]];
    const side = now[direction];
    if (request !== undefined && !isDenial(side.outcome))
      return whyNoRequest(l7ListsOf(side, connection, request), request);
    const without = drafting.judge({
      ...drafting.start,
      policies: withoutRules(policies, side),
    });
    return whyNone(side, without[direction]);
  }
}

/**
 * The drafts with whatever lets the connection pass at one more end; as they are where nothing does.
 * @param reaching where edits of both ends are tried together: only those of each that open least
 */
function extended(
  drafts: readonly Draft[],
  direction: Direction,
  search: Search,
  reaching: Reaching | undefined,
): Draft[] {
  return drafts.flatMap((draft) => {
    const found = search.solutions(draft, direction);
    if (found.length === 0) return [draft];
    if (reaching === undefined || found.length <= MOST_OF_A_SIDE) return found;
    return found
      .map((one) => ({ one, grown: reaching.grown(one, direction) }))
      .sort((a, b) => a.grown - b.grown)
      .slice(0, MOST_OF_A_SIDE)
      .map(({ one }) => one);
  });
}

/** Those that shut nothing, least newly allowed first; of many that open more than enough others, none. */
function leastFirst(drafts: readonly Draft[], reaching: Reaching, most: number): Ranked[] {
  // Some come to the same text, and some cannot be written.
  const enough = 3 * most + 4;
  const ranked: Ranked[] = [];
  for (const draft of drafts) {
    if (draft.edits.length === 0) continue;
    const bound = ranked[enough - 1]?.reach.allows.connections;
    const reach = reaching.reach(draft, bound);
    if (reach === undefined) continue;
    ranked.push({ draft, reach });
    ranked.sort(byReach);
  }
  return ranked;
}

interface Ranked {
  readonly draft: Draft;
  readonly reach: Reach;
}

function byReach(a: Ranked, b: Ranked): number {
  return (
    a.reach.allows.connections - b.reach.allows.connections ||
    orderOf(a) - orderOf(b) ||
    sizeOf(a) - sizeOf(b) ||
    (titleOf(a.draft) < titleOf(b.draft) ? -1 : 1)
  );
}

const orderOf = ({ draft }: Ranked): number =>
  draft.edits.reduce((sum, { order }) => sum + order, 0);

/** Of the same edit in two policies, that in the one that says more about the pod. */
const sizeOf = ({ draft }: Ranked): number =>
  draft.edits.reduce(
    (sum, { operations = [], object }) =>
      sum + JSON.stringify(operations).length + (object === undefined ? 0 : 10_000),
    0,
  );

function titleOf({ edits }: Draft): string {
  return edits
    .map(({ title, policy }, at) => (at === 0 ? title : `in ${policyText(policy)}: ${title}`))
    .join(", and ");
}

function fixOf(
  draft: Draft,
  { edits, files }: Written,
  { allows }: Reach,
  judged: DecisionExplanation,
  search: Search,
): Fix {
  const [first] = edits as [Written["edits"][number], ...Written["edits"]];
  const effects = [...new Set(draft.edits.map(({ effect }) => effect).filter((one) => one !== ""))];
  const both =
    draft.edits.length > 1 ? ["It takes all of these edits: one alone does not let it pass."] : [];
  return {
    policy: first.policy,
    title: titleOf(draft),
    effect: [...effects, ...both].join(" "),
    diff: files.map(({ diff }) => diff).join(""),
    yaml: files.map(({ yaml }) => yaml).join("---\n"),
    remains: remainsOf(judged, search),
    edits,
    files,
    allows,
    replay: null,
  };
}

function remainsOf({ egress, ingress }: DecisionExplanation, search: Search): string {
  const side = [egress, ingress].find((one) => !search.passes(one));
  return side === undefined ? "" : denies(side);
}

const denies = ({ direction, endpoint }: SideExplanation): string =>
  `The ${direction} policies of ${endpoint.name} deny it as well.`;

/** Ends that edits are counted for; those of the connection are among them, whether the cluster knows them or not. */
function endsOf({ objects, profile }: TuningCluster, { from, to }: Connection): CountedEnd[] {
  const ends = countedEnds(worldOfObjects(objects, profile));
  const naming = createNaming([]);
  for (const endpoint of [from, to])
    if (!ends.some((end) => naming.isSame(end.endpoint, endpoint)))
      ends.push({ endpoint, peer: peerOfEnd(endpoint), count: 1 });
  return ends;
}
