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
        },
      },
      {
        test: {
          name: "path",
          include: ["test/path/**/*.test.ts"],
          setupFiles: ["test/kit/seeds.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // Each file has its own folders and ports; more than two at once would only fight for the cores.
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: "browser",
          include: ["test/browser/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
