import { describe, expect, it } from "vitest";
import { EVERYTHING, NOTHING, ofProtocol, subtract, unite } from "./connection-set.js";
import { portSet } from "./ports.js";
import { connectionText, parseConnectionText, protocolsText } from "./set-text.js";

const web = ofProtocol(
  "TCP",
  portSet([
    [80, 80],
    [8000, 8080],
  ]),
);
const dns = ofProtocol("UDP", portSet([[53, 53]]));

describe("the text of a set of connections", () => {
  it("names everything and nothing", () => {
    expect(connectionText(EVERYTHING)).toBe("All Connections");
    expect(connectionText(NOTHING)).toBe("No Connections");
  });

  it("groups ports by protocol, protocols in the order of their names", () => {
    expect(connectionText(unite(dns, web))).toBe("TCP 80,8000-8080,UDP 53");
    expect(connectionText(subtract(EVERYTHING, web))).toBe(
      "SCTP 1-65535,TCP 1-79,81-7999,8081-65535,UDP 1-65535",
    );
  });

  it("keeps names that no destination has resolved", () => {
    expect(connectionText(unite(web, { ...NOTHING, names: ["TCP http"] }))).toBe(
      "TCP 80,8000-8080,http",
    );
    expect(connectionText({ ...NOTHING, names: [" metrics"] })).toBe(" metrics");
  });

  it("is read back as what it was", () => {
    for (const set of [EVERYTHING, NOTHING, unite(dns, web), subtract(EVERYTHING, dns)])
      expect(connectionText(parseConnectionText(connectionText(set)) ?? NOTHING)).toBe(
        connectionText(set),
      );
    expect(parseConnectionText("80,ICMP 8")).toBeUndefined();
  });

  it("leaves out the ports of a protocol that is whole, in explanations", () => {
    expect(protocolsText(subtract(EVERYTHING, web))).toBe(
      "TCP:[1-79,81-7999,8081-65535], UDP, SCTP",
    );
  });
});
