import type { ReadonlySignal } from "@preact/signals";
import type { ComponentType } from "preact";
import type { Place } from "../state/view.js";
import { ComparePage } from "../compare/compare-page.js";
import { DnsPage } from "../dns/dns-page.js";
import { Help } from "./help.js";
import type { IconName } from "./icons.js";
import { MapPage } from "../map/map-page.js";
import { Overview } from "./overview.js";
import { ProblemsPlace } from "../problems/problems-place.js";
import { newCount } from "../state/problems.js";
import { PoliciesPage } from "../policies/policies-page.js";
import { ReadinessPage } from "../tuning/readiness-page.js";
import { RulesPage } from "../tuning/rules-page.js";
import { TuningPage } from "../tuning/tuning-page.js";

/** The places of the rail. A new one is one entry here and one name in `Place`. */
export const PLACES: readonly {
  place: Place;
  label: string;
  icon: IconName;
  view: ComponentType;
  /** Below the others, at the end of the rail. */
  last?: boolean;
  /** What of the top bar it follows. */
  bar?: readonly ("scope" | "range" | "filter")[];
  /** Not in the rail: one comes there from what one looks at. */
  hidden?: boolean;
  /** The place of the rail that it belongs to, where that is another one. */
  within?: Place;
  /** It looks at days: the ranges one click away are longer, and live is a week. */
  days?: boolean;
  /** How many are new there; none is shown for 0. */
  badge?: ReadonlySignal<number>;
}[] = [
  {
    place: "problems",
    label: "Problems",
    icon: "problems",
    view: ProblemsPlace,
    bar: ["scope", "range", "filter"],
    badge: newCount,
  },
  {
    place: "live",
    label: "Live",
    icon: "pulse",
    view: Overview,
    bar: ["scope", "range", "filter"],
  },
  { place: "map", label: "Map", icon: "map", view: MapPage, bar: ["scope", "range", "filter"] },
  { place: "dns", label: "DNS", icon: "dns", view: DnsPage, bar: ["range"] },
  { place: "policies", label: "Policies", icon: "policies", view: PoliciesPage, bar: ["range"] },
  {
    place: "tuning",
    label: "Tuning",
    icon: "tuning",
    view: TuningPage,
    bar: ["range"],
    days: true,
  },
  {
    place: "rules",
    label: "Rules",
    icon: "tuning",
    view: RulesPage,
    bar: ["range"],
    days: true,
    hidden: true,
    within: "tuning",
  },
  {
    place: "readiness",
    label: "Readiness",
    icon: "tuning",
    view: ReadinessPage,
    bar: ["range"],
    days: true,
    hidden: true,
    within: "tuning",
  },
  {
    place: "compare",
    label: "Compare",
    icon: "compare",
    view: ComparePage,
    bar: ["scope", "range", "filter"],
    hidden: true,
  },
  { place: "help", label: "Help", icon: "help", view: Help, last: true },
];
