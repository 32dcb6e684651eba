import { mayStartIn, type OpenCounts, type OpenWorkload, type Viewer } from "@dropscope/model";
import { openWorkloads, type Profile } from "@dropscope/policy";
import type { Knowledge } from "../knowledge.js";
import { type World, worldAt } from "@dropscope/tuning";

const known = new WeakMap<World, readonly OpenWorkload[]>();

/** Workloads of a world that no policy restricts, of one namespace or of all that the viewer may see. */
export function openOf(
  world: World,
  viewer: Viewer,
  profile: Profile,
  namespace?: string,
): { readonly workloads: readonly OpenWorkload[]; readonly counts: OpenCounts } {
  let all = known.get(world);
  if (all === undefined) {
    const pods = world.objects.flatMap((one) => (one.kind === "Pod" ? [one.value] : []));
    known.set(world, (all = openWorkloads(pods, world.view, profile)));
  }
  const workloads = all.filter(
    (one) =>
      mayStartIn(viewer, one.namespace) && (namespace === undefined || one.namespace === namespace),
  );
  return { workloads, counts: countsOf(workloads) };
}

function countsOf(workloads: readonly OpenWorkload[]): OpenCounts {
  const unselected = workloads.filter(({ selected }) => !selected);
  return {
    workloads: workloads.length,
    pods: podsOf(workloads),
    unselectedWorkloads: unselected.length,
    unselectedPods: podsOf(unselected),
  };
}

const podsOf = (workloads: readonly OpenWorkload[]): number =>
  workloads.reduce((sum, { pods }) => sum + pods, 0);

/** The same of the store alone, for whoever asks once. @param at ms since 1970 */
export async function openWorkloadsAt(
  knowledge: Pick<Knowledge, "objects" | "profile">,
  viewer: Viewer,
  at: number,
  signal: AbortSignal,
): Promise<readonly OpenWorkload[]> {
  const world = await worldAt(knowledge, viewer, at, "all", signal);
  return openOf(world, viewer, knowledge.profile).workloads;
}
