import { EXPORT_FORMATS } from "@dropscope/store/names";
import { InvalidArgumentError, Option } from "commander";
import { OUTPUTS } from "./outputs.js";
import { TIME_FORMATS, type TimeFormat, timeFormatOf } from "./time-format.js";

const count = (text: string): number => {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 1)
    throw new InvalidArgumentError("Expected a positive whole number.");
  return number;
};

const timeFormat = (text: string): TimeFormat => {
  const format = timeFormatOf(text);
  if (format === undefined)
    throw new InvalidArgumentError(`Allowed choices are ${TIME_FORMATS.join(", ")}.`);
  return format;
};

/** A switch that may be turned off, as `--ip-translation=false`. */
const toggle = (name: string, help: string): Option =>
  new Option(`--${name} [BOOL]`, help).choices(["true", "false"]).preset("true").default("true");

/** Flags of `observe` beside the filters, named as in the real CLI. */
export const OBSERVE_OPTIONS: readonly Option[] = [
  new Option("--all", "all stored flows"),
  new Option("--first <N>", "the oldest N").argParser(count),
  new Option("--last <N>", "the newest N").argParser(count),
  new Option("--since <TIME>", "from this moment on: 5m, 2h, or RFC 3339"),
  new Option("--until <TIME>", "up to this moment"),
  new Option("-f, --follow", "go on with what lands"),
  new Option(
    "--view <NAME>",
    "filter and range of a view that was saved on the page; what is given beside it is added",
  ),
  new Option("-o, --output <FORMAT>", "output format")
    .choices([...OUTPUTS, "tab", "JSON", ...EXPORT_FORMATS])
    .default("compact"),
  new Option("-O, --output-file <FILE>", "write to this file, which appears when it is whole"),
  new Option("--time-format <FORMAT>", `how times are printed: ${TIME_FORMATS.join(", ")}`)
    .argParser(timeFormat)
    .default("StampMilli"),
  new Option("--print-node-name", "print the node"),
  new Option("--print-policy-names", "print the policies that allowed or denied"),
  new Option("--numeric", "addresses only"),
  toggle("ip-translation", "names instead of addresses"),
  new Option("--color <WHEN>", "colours in compact and dict")
    .choices(["auto", "always", "never"])
    .default("auto"),
  toggle(
    "use-default-field-masks",
    "print what the real CLI's field mask leaves; false prints policy match and direction too",
  ),
  new Option("--field-mask <FIELDS>", "only these fields, for JSON: time,source.labels,verdict"),
  new Option("--print-raw-filters", "print the filters as allowlist and denylist, and stop"),
  new Option("-s, --silent-errors", "no warnings on standard error"),
  ...["--input-file <FILE>", "--allowlist <FILTER>", "--denylist <FILTER>"].map((flags) =>
    new Option(flags).hideHelp(),
  ),
];
