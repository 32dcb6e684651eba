export {
  startFakeKube,
  type FakeKube,
  type FakeKubeOptions,
  type FakeObject,
} from "./fake-kube.js";
export { manualClock, until, type ManualClock } from "./manual-clock.js";
export { createRepository, type CommitOptions, type TestRepository } from "./git-repository.js";
