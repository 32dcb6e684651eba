import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FilterError } from "./filter-error.js";
import { FILTER_FLAGS } from "./flags.js";
import type { FlowFilter } from "./flow-filter.js";
import { takeFilterWords } from "./conditions-of-line.js";
import { joinWords, splitLine } from "./split-line.js";
import { parseFilterLine, parseFilterWords, readFilterLine } from "./words.js";

function allow(line: string): FlowFilter[] {
  return parseFilterLine(line).allow;
}

function failure(run: () => unknown): FilterError {
  try {
    run();
  } catch (error) {
    if (error instanceof FilterError) return error;
    throw error;
  }
  throw new Error("no error");
}

describe("the filter language", () => {
  it("an empty line asks for everything", () => {
    expect(parseFilterLine("  ")).toEqual({ allow: [], deny: [] });
  });

  it("flags of one kind are alternatives, of different kinds must all hold", () => {
    expect(allow("--from-ip 1.2.3.4 --from-ip 5.6.7.8 --verdict DROPPED -t l7")).toEqual([
      { source_ip: ["1.2.3.4", "5.6.7.8"], verdict: ["DROPPED"], event_type: [{ type: 129 }] },
    ]);
  });

  it("a flag about either end becomes two filters", () => {
    expect(allow("--ip 1.2.3.4 --http-method get --node-name k8s*")).toEqual([
      { source_ip: ["1.2.3.4"], http_method: ["get"], node_name: ["k8s*"] },
      { destination_ip: ["1.2.3.4"], http_method: ["get"], node_name: ["k8s*"] },
    ]);
  });

  it("--not turns the next filter only", () => {
    expect(
      parseFilterLine(
        "--verdict DROPPED --not --pod deathstar --not --http-status 200 --protocol tcp",
      ),
    ).toEqual({
      allow: [{ verdict: ["DROPPED"], protocol: ["tcp"] }],
      deny: [
        { source_pod: ["deathstar"], http_status_code: ["200"] },
        { destination_pod: ["deathstar"], http_status_code: ["200"] },
      ],
    });
  });

  it.each<[string, FlowFilter[]]>([
    [
      "--namespace cilium --port 443",
      [
        { source_port: ["443"], source_pod: ["cilium/"] },
        { destination_port: ["443"], destination_pod: ["cilium/"] },
      ],
    ],
    [
      "--from-namespace cilium --from-port 443",
      [{ source_port: ["443"], source_pod: ["cilium/"] }],
    ],
    [
      "--to-namespace cilium --port 443",
      [
        { source_port: ["443"], destination_pod: ["cilium/"] },
        { destination_port: ["443"], destination_pod: ["cilium/"] },
      ],
    ],
    ["-n cilium --pod foo", [{ source_pod: ["cilium/foo"] }, { destination_pod: ["cilium/foo"] }]],
    [
      "-n a -n b --service foo --service bar",
      [
        { source_service: ["a/foo", "b/foo", "a/bar", "b/bar"] },
        { destination_service: ["a/foo", "b/foo", "a/bar", "b/bar"] },
      ],
    ],
    ["--to-namespace cilium --to-pod cilium/foo", [{ destination_pod: ["cilium/foo"] }]],
    [
      "--from-namespace kube-system --to-pod cilium/foo",
      [{ source_pod: ["kube-system/"], destination_pod: ["cilium/foo"] }],
    ],
    ["--to-all-namespaces --to-pod foo", [{ destination_pod: ["/foo"] }]],
    ["-A --service bar", [{ source_service: ["/bar"] }, { destination_service: ["/bar"] }]],
    [
      "--pod cilium --to-workload Deployment/app",
      [
        { source_pod: ["cilium"], destination_workload: [{ name: "app", kind: "Deployment" }] },
        {
          destination_pod: ["cilium"],
          destination_workload: [{ name: "app", kind: "Deployment" }],
        },
      ],
    ],
    ["--to-workload DaemonSet/", [{ destination_workload: [{ kind: "DaemonSet" }] }]],
    ["--from-identity world --from-identity 42", [{ source_identity: [2, 42] }]],
    ["--to-identity overlay-to-encrypt", [{ destination_identity: [11] }]],
    [
      "--tcp-flags syn,ACK --tcp-flags RST",
      [{ tcp_flags: [{ SYN: true, ACK: true }, { RST: true }] }],
    ],
    ["--traffic-direction EgrEss", [{ traffic_direction: ["EGRESS"] }]],
    ["-t trace:to-endpoint", [{ event_type: [{ type: 4, match_sub_type: true, sub_type: 0 }] }]],
    [
      "-t 255:127 -t trace-sock",
      [{ event_type: [{ type: 255, match_sub_type: true, sub_type: 127 }, { type: 7 }] }],
    ],
    ["-46", [{ ip_version: ["IPv4", "IPv6"] }]],
    ["--ip-version none", [{ ip_version: ["IP_NOT_USED"] }]],
    ["--http-header Foo:coco:bar", [{ http_header: [{ key: "Foo", value: "coco:bar" }] }]],
    [
      "--snat-ip 2.2.2.2/16 --unencrypted",
      [{ source_ip_xlated: ["2.2.2.2/16"], encrypted: [false] }],
    ],
    ["--interface eth0 --reply=false", [{ interface: [{ name: "eth0" }], reply: [false] }]],
    [
      "--to-fqdn=*.cilium.io -lapp=web",
      [
        { destination_fqdn: ["*.cilium.io"], source_label: ["app=web"] },
        { destination_fqdn: ["*.cilium.io"], destination_label: ["app=web"] },
      ],
    ],
    ["--to-label 'app in (a, b), !tier'", [{ destination_label: ["app in (a, b), !tier"] }]],
    [
      "--ip-trace-id 7 --uuid b9fab269-04ae-495c-9d12-b6c36d41de0d",
      [{ ip_trace_id: ["7"], uuid: ["b9fab269-04ae-495c-9d12-b6c36d41de0d"] }],
    ],
  ])("%s", (line, expected) => {
    expect(allow(line)).toEqual(expected);
  });
});

describe("what cannot be combined", () => {
  const pairs = [
    ...[
      "port",
      "identity",
      "workload",
      "fqdn",
      "ip",
      "label",
      "service",
      "pod",
      "namespace",
      "all-namespaces",
      "cluster",
    ].flatMap((name) => [
      [name, `from-${name}`],
      [name, `to-${name}`],
    ]),
    ["ip", "fqdn"],
    ["from-ip", "from-fqdn"],
    ["ip", "pod"],
    ["to-ip", "to-pod"],
    ["ip", "namespace"],
    ["from-ip", "all-namespaces"],
    ["pod", "fqdn"],
    ["namespace", "to-service"],
    ["from-pod", "namespace"],
    ["to-pod", "all-namespaces"],
    ["namespace", "all-namespaces"],
    ["encrypted", "unencrypted"],
  ];
  const sample: Record<string, string> = { port: "1", identity: "world", ip: "1.1.1.1" };

  it.each(pairs)("--%s and --%s", (first = "", second = "") => {
    const words = [first, second].flatMap((name) => {
      const value = sample[name.replace(/^(from|to)-/, "")] ?? "x";
      return /all-namespaces|encrypted/.test(name) ? [`--${name}`] : [`--${name}`, value];
    });
    const error = failure(() => parseFilterWords(words));
    expect(error.message).toMatch(/^filters --\S+ and --\S+ cannot be combined$/);
  });

  it("names the pair as the real CLI does, and says where", () => {
    const error = failure(() => parseFilterLine("--from-ip 1.2.3.4 --from-fqdn doesnt.work"));
    expect(error.message).toBe("filters --from-fqdn and --from-ip cannot be combined");
    expect(error.at).toEqual([18, 41]);
  });

  it("allows what the real CLI allows", () => {
    expect(() =>
      parseFilterLine(
        "--to-service foo --from-service bar --from-identity world --to-identity world --to-ip 1.2.3.4 --from-pod blib --from-port 1172 --to-port 11245 --workload buzz",
      ),
    ).not.toThrow();
  });

  it.each([
    "--to-namespace kube-system --to-pod cilium/foo",
    "--from-namespace kube-system --from-service cilium/foo",
    "--from-service cilium/foo --from-pod kube-system/hubble",
  ])("%s", (line) => {
    expect(failure(() => parseFilterLine(line)).message).toMatch(/namespace/);
  });

  it("a filter on each side of --not does not conflict", () => {
    expect(() => parseFilterLine("--port 53 --not --to-port 80")).not.toThrow();
  });
});

describe("what is refused, and where", () => {
  it.each<[string, string, RegExp]>([
    ["--verdict dropped", "dropped", /verdict/],
    ["--verdict DROPPED --drop-reason-desc NO", "NO", /drop reason/],
    ["-t some-invalid-type", "some-invalid-type", /event type/],
    ["-t trace:nowhere", "trace:nowhere", /sub-type/],
    ["--tcp-flags syn,", "syn,", /TCP flag/],
    ["--traffic-direction 'to the moon'", "'to the moon'", /traffic direction/],
    ["--identity bad", "bad", /security identity/],
    ["--ip=300.1.1.1", "300.1.1.1", /IP address/],
    ["--ip 10.0.0.0/33", "10.0.0.0/33", /IP address/],
    ["--port 99999", "99999", /port/],
    ["--port='9 9'", "--port='9 9'", /port/],
    ["--http-status 9", "9", /HTTP status/],
    ["--http-header foobar", "foobar", /header/],
    ["--protocol tpc", "tpc", /protocol/],
    ["--label ()", "(", /label selector/],
    ["--label =", "=", /label selector/],
    ["--from-label 'app=a, in b'", "b", /label selector/],
    ["--label app>x", "x", /label selector/],
    ["--label app=", "", /^$/],
    ["--label app in(", "in(", /not a flag/],
    ["--label 'app in ('", "(", /label selector/],
    ["--fqdn bad_name!", "bad_name!", /DNS name/],
    ["--node-name a/b/c", "a/b/c", /node name/],
    ["--policy a/b/c", "a/b/c", /name of a policy/],
    ["--policy /", "/", /name of a policy/],
    ["--problem 12", "12", /id of a problem/],
    ["--pod ''", "''", /matches nothing/],
    ["--ip-trace-id 0", "0", /IP trace id/],
    ["--ip-version v5", "v5", /IP version/],
    ["--cel-expression 'true'", "'true'", /CEL/],
    ["--not", "--not", /trailing --not/],
    ["--not --not --port 1", "--not", /consecutive --not/],
    ["--port", "--port", /needs a value/],
    ["--vredict DROPPED", "--vredict", /unknown filter --vredict/],
    ["web", "web", /not a flag/],
    ["--pod 'web", "'web", /not closed/],
    ["--not=maybe --verdicts=X", "--verdicts=X", /unknown filter --verdicts/],
    ["--http-path ((a{100}){100}){100}", "((a{100}){100}){100}", /more than 10000 steps/],
    ["--reply=perhaps", "perhaps", /true nor false/],
  ])("%s", (line, wrong, message) => {
    if (wrong === "") return expect(() => parseFilterLine(line)).not.toThrow();
    const error = failure(() => parseFilterLine(line));
    expect(error.message).toMatch(message);
    expect(line.slice(...(error.at ?? [0, 0]))).toBe(wrong);
    expect(error.at?.[0]).toBe(line.lastIndexOf(wrong));
    expect(error.next).not.toBe("");
    expect(error.exitCode).toBe(2);
  });

  it("suggests the flag that was meant", () => {
    expect(failure(() => parseFilterLine("--vredict DROPPED")).next).toBe(
      "Did you mean --verdict?",
    );
  });

  it("tells CEL apart from nonsense by its code", () => {
    expect(failure(() => parseFilterWords(["--cel-expression", "x"])).code).toBe(
      "FILTER_UNSUPPORTED",
    );
  });

  it("an HTTP status beside an event type that has none", () => {
    expect(failure(() => parseFilterLine("--type drop --http-status 5+")).message).toMatch(
      /needs the event type l7/,
    );
    expect(() => parseFilterLine("--type l7 --http-status 5+")).not.toThrow();
  });

  it("a regular expression that does not compile, when a compiler is at hand", () => {
    const regex = (pattern: string): RegExp => new RegExp(pattern);
    const error = failure(() => parseFilterLine("--port 1 --http-path '('", { regex }));
    expect(error.at).toEqual([21, 24]);
    expect(() => parseFilterLine("--http-path '('")).not.toThrow();
  });

  it("half a name is told what it is the half of", () => {
    expect(failure(() => parseFilterLine("--drop-reason X")).next).toBe(
      "Did you mean --drop-reason-desc?",
    );
  });

  it("words of a shell are placed in them as one line", () => {
    const error = failure(() => parseFilterWords(["--label", "app in (a, b)", "--port", "x"]));
    expect(error.line).toBe("--label 'app in (a, b)' --port x");
    expect(error.line?.slice(...(error.at ?? [0, 0]))).toBe("x");
  });
});

describe("what is too much", () => {
  it.each<[string, () => unknown, RegExp]>([
    ["a line", () => parseFilterLine("--port 1 ".repeat(1000)), /longer than 4096/],
    [
      "10,000 words",
      () => parseFilterWords(Array.from({ length: 10_000 }, () => "--reply")),
      /longer than 16384/,
    ],
    [
      "10,000 values",
      () => parseFilterWords(Array.from({ length: 10_000 }, (_, at) => ["--port", `${at}`]).flat()),
      /longer than 16384/,
    ],
    [
      "flags that fit in the line",
      () => parseFilterLine(Array.from({ length: 201 }, () => "-tl7").join(" ")),
      /201 flags; 200 is the most/,
    ],
    [
      "pods times namespaces",
      () =>
        parseFilterLine(Array.from({ length: 40 }, (_, at) => `-n n${at} --pod p${at}`).join(" ")),
      /40 names in 40 namespaces/,
    ],
    [
      "requirements of labels",
      () =>
        parseFilterLine(`--label ${Array.from({ length: 101 }, (_, at) => `k${at}`).join(",")}`),
      /101 requirements; 100/,
    ],
  ])("%s", (_what, parse, message) => {
    const begun = performance.now();
    const error = failure(parse);
    expect(error.message).toMatch(message);
    expect(error.at).toBeDefined();
    // What must not be takes minutes.
    expect(performance.now() - begun).toBeLessThan(5_000);
  });
});

describe("readFilterLine", () => {
  it("says where each flag stands, and keeps words when they are wanted", () => {
    const line = "checkout --not --to-port=53 -n web -4A";
    const { conditions, words } = readFilterLine(line, { words: true });
    expect(words).toEqual([{ text: "checkout", start: 0, end: 8 }]);
    const seen = conditions.map((one) => [
      one.spec.name,
      one.not,
      line.slice(one.start, one.end),
      line.slice(...one.at),
      line.slice(...one.valueAt),
    ]);
    expect(seen).toEqual([
      ["to-port", true, "--not --to-port=53", "--to-port=53", "53"],
      ["namespace", false, "-n web", "-n web", "web"],
      ["ipv4", false, "-4A", "-4A", "-4A"],
      ["all-namespaces", false, "-4A", "-4A", "-4A"],
    ]);
    expect(() => readFilterLine(line)).toThrow(/"checkout" is not a flag/);
  });
});

describe("quoting", () => {
  it("a word survives its line", () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { maxLength: 5 }), (texts) => {
        const { line, words } = joinWords(texts);
        expect(words.map(({ text }) => text)).toEqual(texts);
        expect(splitLine(line)).toEqual(words);
      }),
    );
  });

  it("a quote that is still open goes to the end of a line that is being typed", () => {
    expect(splitLine("--pod 'a b", true).at(-1)).toEqual({ text: "a b", start: 6, end: 10 });
    expect(() => splitLine("--pod 'a b")).toThrow(/not closed/);
  });
});

describe("takeFilterWords", () => {
  it("takes the filters out of a command line in their order", () => {
    const words = [
      "-o",
      "json",
      "--pod",
      "a",
      "--since=5m",
      "--not",
      "-tdrop",
      "-4A",
      "--last",
      "20",
      "--",
      "--pod",
    ];
    expect(takeFilterWords(words)).toEqual({
      filter: ["--pod", "a", "--not", "-tdrop", "-4A"],
      rest: ["-o", "json", "--since=5m", "--last", "20", "--", "--pod"],
    });
  });
});

describe("the table of flags", () => {
  it("has one line of help for each, and no name twice", () => {
    expect(new Set(FILTER_FLAGS.map((spec) => spec.name)).size).toBe(FILTER_FLAGS.length);
    for (const spec of FILTER_FLAGS) expect(spec.help).toMatch(/^[^%\n]+\.$/);
  });

  it("every flag does something", () => {
    const samples: Record<string, string> = {
      PORT: "1",
      "IP|CIDR": "1.1.1.1",
      CODE: "200",
      "NAME:VALUE": "a:b",
      SELECTOR: "a=b",
      ID: "0123456789abcdef",
    };
    for (const spec of FILTER_FLAGS) {
      if (spec.name === "not" || spec.name === "cel-expression") continue;
      const value =
        spec.values?.[0] ?? (spec.name.endsWith("trace-id") ? "7" : (samples[spec.value] ?? "7"));
      const words = spec.value === "" ? [`--${spec.name}`] : [`--${spec.name}`, value];
      expect(parseFilterWords(words).allow, spec.name).not.toEqual([]);
      expect(Object.keys(parseFilterWords(words).allow[0] ?? {}), spec.name).toHaveLength(1);
    }
  });
});
