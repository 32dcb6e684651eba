import type { PortMatch, Protocol } from "../policy.js";
import { child, placeOf, type Slot } from "../source/slot.js";
import { checkFields, isAbsent, readRecords, readText } from "./fields.js";
import { MAX_ENTRIES, rangeOf } from "./port-numbers.js";
import { type Report, show } from "./report.js";

const knownOfIcmp = new Set(["fields"]);
const knownOfField = new Set(["family", "type"]);

/** One entry of `icmps`, whose types stand where other protocols have ports. */
export function readIcmps(report: Report, entry: Slot): PortMatch[] {
  checkFields(report, entry, knownOfIcmp);
  const fields = readRecords(report, child(entry, "fields")) ?? [];
  if (fields.length > MAX_ENTRIES)
    report.error(
      "BAD_PORT",
      child(entry, "fields"),
      `${fields.length} fields, and Cilium takes at most ${MAX_ENTRIES}`,
      "Spread them over several entries of icmps.",
    );
  return fields.flatMap((field): PortMatch[] => {
    checkFields(report, field, knownOfField);
    const family = readText(report, child(field, "family")) || "IPv4";
    if (family !== "IPv4" && family !== "IPv6") {
      report.error(
        "BAD_VALUE",
        child(field, "family"),
        `${show(family)} is not a family`,
        "Write IPv4 or IPv6.",
      );
      return [];
    }
    const at = child(field, "type");
    const type = icmpType(family, at.value);
    if (type === undefined) {
      report.error(
        "BAD_VALUE",
        isAbsent(at) ? field : at,
        isAbsent(at) ? "no ICMP type" : `${show(at.value)} is not an ICMP type of ${family}`,
        "Write a number from 0 to 255, or a name such as EchoRequest.",
      );
      return [];
    }
    const kinds: readonly Protocol[] = family === "IPv4" ? ["ICMP"] : ["ICMPv6"];
    return [{ of: "number", protocols: kinds, ...rangeOf(kinds, type, 0), place: placeOf(field) }];
  });
}

function icmpType(family: "IPv4" | "IPv6", value: unknown): number | undefined {
  const number = typeof value === "string" && /^\d{1,3}$/.test(value) ? Number(value) : value;
  if (typeof number === "number")
    return Number.isInteger(number) && number >= 0 && number <= 255 ? number : undefined;
  // Names were written with blanks in the first versions that had them.
  return typeof value === "string" ? icmpNames[family].get(value.replaceAll(" ", "")) : undefined;
}

const icmpNames = {
  IPv4: new Map([
    ["EchoReply", 0],
    ["DestinationUnreachable", 3],
    ["Redirect", 5],
    ["Echo", 8],
    ["EchoRequest", 8],
    ["RouterAdvertisement", 9],
    ["RouterSelection", 10],
    ["TimeExceeded", 11],
    ["ParameterProblem", 12],
    ["Timestamp", 13],
    ["TimestampReply", 14],
    ["Photuris", 40],
    ["ExtendedEchoRequest", 42],
    ["ExtendedEchoReply", 43],
  ]),
  IPv6: new Map([
    ["DestinationUnreachable", 1],
    ["PacketTooBig", 2],
    ["TimeExceeded", 3],
    ["ParameterProblem", 4],
    ["EchoRequest", 128],
    ["EchoReply", 129],
    ["MulticastListenerQuery", 130],
    ["MulticastListenerReport", 131],
    ["MulticastListenerDone", 132],
    ["RouterSolicitation", 133],
    ["RouterAdvertisement", 134],
    ["NeighborSolicitation", 135],
    ["NeighborAdvertisement", 136],
    ["RedirectMessage", 137],
    ["RouterRenumbering", 138],
    ["ICMPNodeInformationQuery", 139],
    ["ICMPNodeInformationResponse", 140],
    ["InverseNeighborDiscoverySolicitation", 141],
    ["InverseNeighborDiscoveryAdvertisement", 142],
    ["HomeAgentAddressDiscoveryRequest", 144],
    ["HomeAgentAddressDiscoveryReply", 145],
    ["MobilePrefixSolicitation", 146],
    ["MobilePrefixAdvertisement", 147],
    ["DuplicateAddressRequestCodeSuffix", 157],
    ["DuplicateAddressConfirmationCodeSuffix", 158],
    ["ExtendedEchoRequest", 160],
    ["ExtendedEchoReply", 161],
  ]),
};
