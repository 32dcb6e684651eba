import { toJson } from "@bufbuild/protobuf";
import { GetFlowsResponseSchema } from "@dropscope/hubble";
import { createSimulator, type IncidentName } from "@dropscope/ingester/simulator";
import { observerClient } from "./observer-client.js";

/** What a simulated cluster saw while something went wrong in it, as lines of `hubble observe -o jsonpb`. */
export interface SimulatedFlows {
  /** With a line break behind each. */
  readonly lines: string;
  /** Folder with the policies that were in force at the end. */
  readonly policies: string;
}

/**
 * @param seconds how long the incident went on; @param dir folder that policies are written into
 * @param rate flows a second beside it; none unless it is given
 */
export async function simulatedFlows(
  incident: IncidentName,
  seconds: number,
  dir: string,
  rate = 0,
): Promise<SimulatedFlows> {
  const simulator = createSimulator({
    listen: { port: 0 },
    incidents: [incident],
    rate,
    historySeconds: seconds,
    policiesDir: dir,
  });
  await simulator.start();
  const client = observerClient(simulator.address());
  const stream = client.flows({ since: { seconds: 1n, nanos: 0 } });
  await stream.ended;
  client.close();
  await simulator.stop(1_000);
  const lines = stream.responses
    .filter(({ responseTypes }) => responseTypes.case === "flow")
    .map((response) =>
      JSON.stringify(toJson(GetFlowsResponseSchema, response, { useProtoFieldName: true })),
    );
  return { lines: lines.map((line) => `${line}\n`).join(""), policies: dir };
}
