import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { Problem, ProblemState } from "@dropscope/model";

/** What a receiver does with the next request. */
export type Answer =
  | { readonly status: number; readonly headers?: Record<string, string> }
  /** Takes the request and never answers. */
  | "silence"
  /** Cuts the connection. */
  | "cut";

/** A receiver of notifications on a port of its own. */
export interface Receiver {
  readonly url: string;
  /** Bodies in the order of arrival, whatever was answered. */
  readonly bodies: Record<string, unknown>[];
  readonly headers: Record<string, string | string[] | undefined>[];
  /** For the requests to come, one after the other; 200 when there is none left. */
  answer(...answers: readonly Answer[]): void;
  stop(): Promise<void>;
}

export async function startReceiver(): Promise<Receiver> {
  const bodies: Record<string, unknown>[] = [];
  const headers: Receiver["headers"] = [];
  const answers: Answer[] = [];
  const server: Server = createServer((request, response) => {
    const how = answers.shift() ?? { status: 200 };
    const take = async (): Promise<void> => {
      bodies.push(JSON.parse(await text(request)) as Record<string, unknown>);
      headers.push(request.headers);
      if (how === "cut") request.socket.destroy();
      else if (how !== "silence") response.writeHead(how.status, how.headers).end("secret answer");
    };
    void take();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/services/T000/hook-secret`,
    bodies,
    headers,
    answer: (...more) => void answers.push(...more),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export function problem(
  id = "00000000000000a1",
  state: ProblemState = "new",
  patch: Partial<Problem> = {},
): Problem {
  const policy = { kind: "NetworkPolicy", namespace: "store", name: "db-ingress" };
  return {
    id,
    state,
    outcome: "default-deny",
    reason: "POLICY_DENIED",
    direction: "ingress",
    source: { kind: "workload", namespace: "store", name: "checkout" },
    destination: { kind: "workload", namespace: "store", name: "db" },
    protocol: "TCP",
    port: 5432,
    policies: [policy],
    folded: "",
    count: 12,
    rate: 2.4,
    firstSeen: "2026-05-12T09:30:00.000000000Z",
    lastSeen: "2026-05-12T09:31:00.000000000Z",
    pods: ["store/checkout-1"],
    podCount: 1,
    nodes: ["worker-1"],
    nodeCount: 1,
    peers: ["store/db-0"],
    peerCount: 1,
    agreement: "cilium-silent",
    explanation: {
      uuid: "",
      time: "2026-05-12T09:31:00.000000000Z",
      direction: "ingress",
      outcome: "default-deny",
      selecting: [policy],
      denying: [],
      nearest: null,
      agreement: "cilium-silent",
      sentence:
        "store/checkout to store/db on TCP 5432 was dropped: NetworkPolicy store/db-ingress makes deny the default for ingress.",
      next: "If it is wanted, let spec.ingress[0] of NetworkPolicy store/db-ingress allow TCP 5432 from store/checkout too.",
      reason: "POLICY_DENIED",
      audited: false,
      change: null,
      places: [],
    },
    change: null,
    dns: [],
    samples: [],
    ...patch,
  };
}
