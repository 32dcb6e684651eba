export {
  createObserver,
  HUBBLE_VERSION,
  OBSERVER_LIMITS,
  type ObserverLimits,
  type ObserverOptions,
  type ObserverServer,
} from "./observer.js";
export type { ServerTls } from "./grpc/tls.js";
export { MAX_PATTERNS, MAX_TEXT_BYTES, MAX_VALUES } from "./flows/size.js";
export { createFlowEncoder, type FlowEncoder } from "./encode/encoder.js";
