import type { DnsFinding } from "@dropscope/model";
import type { Found } from "../findings/found.js";

export type Stall = DnsFinding["stall"];

/**
 * D14: how long a lookup takes to fail when its packets vanish, as measured with one name server,
 * three search domains and ndots:5: musl 5 s, glibc 20 s, Go 40 s. Which resolver it is, the
 * waits between its attempts tell: musl asks again after 2.5 s, the others after 5 s. Without
 * such evidence all of it is claimed as a range.
 */
export function silentStall({ sums }: Found): Stall {
  const [musl = 0, others = 0] = [sums["musl"], sums["others"]];
  const deadline = "a deadline of the client may cut it short";
  if (musl > 0 && others === 0)
    return {
      from: 5,
      to: 5,
      reason: `attempts come 2.5 s apart as musl makes them, which gives up after 5 s; ${deadline}`,
    };
  if (others > 0 && musl === 0)
    return {
      from: 20,
      to: 40,
      reason: `attempts come 5 s apart as glibc (20 s in all) and Go (40 s) make them; ${deadline}`,
    };
  return {
    from: 5,
    to: 40,
    reason: `musl gives up after 5 s, glibc after 20 s, Go after 40 s, and the resolver of the image is not known; ${deadline}`,
  };
}

/** An answer that is neither success nor NXDOMAIN: musl takes it for none and waits on. */
export const REFUSED_STALL: NonNullable<Stall> = {
  from: 0,
  to: 5,
  reason:
    "glibc and Go go on at once; musl takes such an answer for none, waits 5 s and gives up without trying other names",
};

/** One packet of two was lost and is asked for again. */
export const RETRY_STALL: NonNullable<Stall> = {
  from: 2.5,
  to: 5,
  reason: "musl asks again after 2.5 s, glibc and Go after 5 s, and that attempt is answered",
};

/** @returns `5–40 s` */
export function stallText(stall: Stall): string {
  if (stall === null) return "";
  return stall.from === stall.to ? `${stall.from} s` : `${stall.from}–${stall.to} s`;
}
