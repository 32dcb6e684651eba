export { createPrinter, type Printer, type PrinterOptions } from "./printer.js";
export { OUTPUTS, type Output } from "./outputs.js";
export { TIME_FORMATS, timeFormatOf, type TimeFormat } from "./time-format.js";
