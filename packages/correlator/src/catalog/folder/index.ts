export { checkHistory } from "./git.js";
export { readHistory } from "./history.js";
export { createFolderSource, type FolderSource, type FolderSourceOptions } from "./source.js";
