export {
  createPrinter,
  OUTPUTS,
  type Output,
  type Printer,
  type PrinterOptions,
} from "./printer.js";
export { TIME_FORMATS, timeFormatOf, type TimeFormat } from "./time-format.js";
