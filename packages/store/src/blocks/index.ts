export {
  createFlowBlocks,
  type FlowBlock,
  type FlowBlocks,
  type FlowBlocksOptions,
  type OpenFlows,
} from "./flow-blocks.js";
export { readNative, type Block } from "./read-native.js";
export {
  ipv6Text,
  isMapped,
  textAt,
  wideAt,
  type Coded,
  type Lists,
  type Numbers,
  type Sixteen,
  type Texts,
  type Values,
  type Wide,
} from "./values.js";
