export {
  connectKubernetes,
  isInCluster,
  type ApiServer,
  type KubernetesTarget,
} from "./connect.js";
export { RESOURCES, type Resource } from "./resources.js";
export { createKubernetesSource, type KubernetesSourceOptions } from "./source.js";
