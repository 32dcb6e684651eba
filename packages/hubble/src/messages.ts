/** The generated messages of Hubble's API, for requests, tests and tools; hot paths read and write bytes themselves. */
export * from "./gen/flow/flow_pb.js";
export * from "./gen/observer/observer_pb.js";
export * as peer from "./gen/peer/peer_pb.js";
export * from "./gen/relay/relay_pb.js";
