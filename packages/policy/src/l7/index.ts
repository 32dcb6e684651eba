export { answerOf, type L7Answer, requestText } from "./answer.js";
export { l7ListsOf, type L7List } from "./lists.js";
