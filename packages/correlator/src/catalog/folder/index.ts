export { fileLabels } from "./label.js";
export { createFolderSource, type FolderSource, type FolderSourceOptions } from "./source.js";
