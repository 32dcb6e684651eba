import { item } from "../state/nav.js";
import { ProblemPage } from "./problem-page.js";
import { ProblemsPage } from "./problems-page.js";

/** The list, or the one that is open. */
export function ProblemsPlace() {
  return item.value === "" ? <ProblemsPage /> : <ProblemPage id={item.value} />;
}
