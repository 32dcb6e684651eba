export { createFolderSource, type FolderSource, type FolderSourceOptions } from "./source.js";
