export type { Prefixes } from "./blocks.js";
export { seenText } from "./describe.js";
export { createDirectory, type Directory, type PodClass, workloadOf } from "./directory.js";
export { folderOf, type FolderFile, FOLDER_MARK, staleFiles } from "./folder.js";
export { propose, type Proposal, type ProposeOptions } from "./propose.js";
export { INCLUDED_GROUPS, suggest, type SuggestOptions } from "./suggest.js";
export type { Ask, Party } from "./traffic.js";
export { joined as joinedYaml, yamlOf as proposalYaml } from "./write.js";
