import { defineConfig } from "vitest/config";

// unit: beside the code, no build needed for the package itself.
// path: across packages, against the built product, with real servers and a real engine.
// browser: the page in a real Chromium.
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["packages/*/src/**/*.test.ts"],
          setupFiles: ["test/kit/seeds.ts"],
          testTimeout: 20_000,
          // Loading the same modules for each of the files anew takes longer than the tests.
          isolate: false,
        },
      },
      {
        test: {
          name: "path",
          include: ["test/path/**/*.test.ts"],
          setupFiles: ["test/kit/seeds.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // Each file has its own folders and ports. Much of the time is waiting for processes: a third
          // file at once fills two cores, more would only fight for them.
          maxWorkers: 3,
        },
      },
      {
        test: {
          name: "browser",
          include: ["test/browser/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // Most of it is waiting for what a page shows.
          maxWorkers: 2,
        },
      },
    ],
  },
});
