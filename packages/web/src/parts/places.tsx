import type { ComponentType } from "preact";
import type { Place } from "../state/view.js";
import { Help } from "./help.js";
import type { IconName } from "./icons.js";
import { MapPage } from "../map/map-page.js";
import { Overview } from "./overview.js";

/** The places of the rail. A new one is one entry here and one name in `Place`. */
export const PLACES: readonly {
  place: Place;
  label: string;
  icon: IconName;
  view: ComponentType;
  /** Below the others, at the end of the rail. */
  last?: boolean;
  /** The range and the filter of the top bar are its own. */
  ranged?: boolean;
}[] = [
  { place: "overview", label: "Overview", icon: "pulse", view: Overview, ranged: true },
  { place: "map", label: "Map", icon: "map", view: MapPage, ranged: true },
  { place: "help", label: "Help", icon: "help", view: Help, last: true },
];
