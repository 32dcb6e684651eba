export { catalogManifests } from "./catalog-manifests.js";
export {
  clusterAt,
  clusterOfManifests,
  clusterOfObjects,
  clusterOfWorld,
  sourcesOfManifests,
  type TuningCluster,
  withObjects,
  withPolicies,
} from "./cluster.js";
export { inferObjects } from "./infer.js";
export {
  isPolicyKind,
  isPolicyObject,
  KINDS_WITHOUT_PODS,
  objectKey,
  POLICY_KINDS,
  type PolicyObject,
} from "./kinds.js";
export { type ClusterKnowledge, type World, worldAt } from "./world.js";
