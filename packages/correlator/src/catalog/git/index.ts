export {
  checkHistory,
  isCheckout,
  openHistory,
  type GitHistory,
  type HistoryOptions,
  type HistoryStep,
} from "./history.js";
