import { HEX, type Random } from "../random.js";

/** A locally administered, unicast MAC address. */
export function mac(random: Random): string {
  const first = `${random.pick(HEX.split(""))}${random.pick(["2", "6", "a", "e"])}`;
  return [first, ...Array.from({ length: 5 }, () => random.text(2, HEX))].join(":");
}
