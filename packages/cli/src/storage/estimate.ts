import type { SpaceReport } from "@dropscope/model";
import type { ClassDays } from "./class-days.js";

/** What keeping a class for another time would take, once that time has passed. */
export interface Estimate {
  readonly class: string;
  readonly days: number;
  /** Bytes a day, as observed on so many whole days (0: on part of one). Absent: too little is stored to tell. */
  readonly perDay?: { readonly bytes: number; readonly days: number };
  readonly bytes?: number;
  /** With the time that it has now. */
  readonly present?: { readonly days: number; readonly bytes: number };
  /** How much more than what it holds now is free on the disk: false when it does not fit. */
  readonly fits?: boolean;
}

export function estimatesOf(report: SpaceReport, asked: readonly ClassDays[]): Estimate[] {
  const free = Math.min(...report.disks.map((disk) => disk.free));
  return asked.map(({ name, days }) => {
    const own = report.classes.find((one) => one.class === name);
    const { perDay } = own ?? {};
    if (own === undefined || perDay === undefined) return { class: name, days };
    const bytes = perDay.bytes * days;
    return {
      class: name,
      days,
      perDay,
      bytes,
      present: { days: own.days, bytes: perDay.bytes * own.days },
      ...(Number.isFinite(free) ? { fits: bytes - own.bytes <= free } : {}),
    };
  });
}
