import { relative } from "node:path";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/**
 * Files that take most of a minute or more, the longest first. One of them begun last would keep one core
 * busy alone; the first waits for most of its time, so that others run beside it.
 */
const LONG = [
  "test/browser/product-repair.test.ts",
  "test/path/kill-tree.test.ts",
  "test/path/kill-store.test.ts",
  "test/path/cli-bad-input.test.ts",
  "test/path/incident-bundle.test.ts",
  "test/path/cli-up.test.ts",
  "test/path/cases-online.test.ts",
  "test/browser/filter-language.test.ts",
  "test/browser/product-incident.test.ts",
  "test/browser/page-hostile.test.ts",
  "test/browser/product.test.ts",
  "test/browser/page-past.test.ts",
];

/** The longest file of all, then what needs no browser, then the browser; the long ones of each first. */
export default class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId, project }: TestSpecification): number => {
      const at = LONG.indexOf(relative(this.ctx.config.root, moduleId).replaceAll("\\", "/"));
      if (at === 0) return 0;
      // Workers are handed on from file to file of one project only: the projects are not mixed.
      const inProject = at === -1 ? LONG.length : at;
      return (project.name === "browser" ? 1_000 : 1) + inProject;
    };
    const usual = await super.sort(files);
    return usual.toSorted((a, b) => rank(a) - rank(b));
  }
}
