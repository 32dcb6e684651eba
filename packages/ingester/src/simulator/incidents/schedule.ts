import type { Node } from "../cluster/types.js";
import { fileOf, shopPolicies } from "../policies/shop-policies.js";
import type { Traffic } from "../traffic/context.js";
import { MS, SECOND } from "../traffic/timeline.js";
import type { Incident, IncidentName, Phase } from "./types.js";

/** After this the incidents come again: long enough that each is new, ongoing and resolved for a while. */
export const CYCLE_SECONDS = 240;

/** Something is wrong within this time of the start, whatever incidents were chosen. */
const FIRST_SECONDS = 0.1;

export interface Schedule {
  /** What is going on now. */
  active(): { incident: IncidentName; phase: string }[];
}

export interface ScheduleOptions {
  readonly incidents: readonly Incident[];
  /** An incident that a policy causes goes on until somebody repairs it, and then does not come again. */
  readonly untilRepaired: boolean;
  readonly lose: (node: Node, count: number) => void;
}

/** Puts the incidents on the timeline, cycle after cycle. */
export function createSchedule(traffic: Traffic, options: ScheduleOptions): Schedule {
  const { incidents, untilRepaired, lose } = options;
  const { timeline, scene } = traffic;
  const active = new Map<Phase, IncidentName>();
  if (traffic.world.nodes.length === 0 || incidents.length === 0) return { active: () => [] };
  const first = Math.min(...incidents.flatMap((one) => one.phases.map((phase) => phase.from)));
  const early = Math.max(0, first - FIRST_SECONDS);

  for (const incident of incidents) {
    for (const phase of incident.phases) {
      plan(incident, phase, Math.round((phase.from - early) * SECOND));
    }
  }
  return {
    active: () => [...active].map(([phase, incident]) => ({ incident, phase: phase.name })),
  };

  function plan(incident: Incident, phase: Phase, at: number): void {
    const once = untilRepaired && incident.repairable === true;
    const stays = once && phase === incident.phases.at(-1);
    timeline.at(at, (time) => {
      const lasts = Math.round((phase.to - phase.from) * SECOND);
      const end = stays ? Number.POSITIVE_INFINITY : time + lasts;
      active.set(phase, incident.name);
      begin(phase, time);
      for (const attempt of phase.attempts ?? []) repeat(attempt, time, end);
      if (stays) return;
      timeline.at(end, (over) => {
        active.delete(phase);
        finish(phase, over);
      });
      if (!once) plan(incident, phase, time + CYCLE_SECONDS * SECOND);
    });
  }

  function begin(phase: Phase, at: number): void {
    for (const policy of phase.policies ?? []) scene.apply(policy, at);
    for (const workload of phase.stop ?? []) scene.setRunning(workload, false, at);
    for (const workload of phase.start ?? []) scene.setRunning(workload, true, at);
  }

  function finish(phase: Phase, at: number): void {
    const normal = shopPolicies();
    for (const policy of phase.policies ?? []) {
      const file = fileOf(policy);
      // The next phase may already have put its own version there.
      if (scene.policies().get(file)?.policy !== policy) continue;
      const own = normal.get(file);
      if (own !== undefined && JSON.stringify(own) !== JSON.stringify(policy)) scene.apply(own, at);
    }
    for (const workload of phase.start ?? []) scene.setRunning(workload, false, at);
    for (const workload of phase.stop ?? []) scene.setRunning(workload, true, at);
  }

  function repeat(
    attempt: NonNullable<Phase["attempts"]>[number],
    from: number,
    until: number,
  ): void {
    timeline.at(from, (time) => {
      if (time >= until) return;
      attempt.run(traffic, time, lose);
      repeat(
        attempt,
        time + Math.round(attempt.everyMs * traffic.random.between(0.8, 1.2)) * MS,
        until,
      );
    });
  }
}
