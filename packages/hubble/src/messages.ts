/** The generated messages of Hubble's API, for requests, tests and tools; hot paths read and write bytes themselves. */
export * from "./gen/flow/flow_pb.js";
export * from "./gen/observer/observer_pb.js";
export * as peer from "./gen/peer/peer_pb.js";
export * from "./gen/relay/relay_pb.js";
export * as health from "./gen/grpc/health/v1/health_pb.js";
export * as reflection from "./gen/grpc/reflection/v1/reflection_pb.js";
export { file_grpc_health_v1_health as file_grpc_health } from "./gen/grpc/health/v1/health_pb.js";
export { file_grpc_reflection_v1_reflection as file_grpc_reflection } from "./gen/grpc/reflection/v1/reflection_pb.js";
