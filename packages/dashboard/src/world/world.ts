export { isPolicyKind, POLICY_KINDS, type World, worldAt } from "@dropscope/tuning";
