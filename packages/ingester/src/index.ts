export * from "./decode/index.js";
export type { Books } from "./books.js";
export { imbalance } from "./books.js";
export * from "./feed.js";
export * from "./recent-ids.js";
