import { defineConfig } from "vitest/config";
import LongFirst from "./test/kit/long-first.js";

// Servers, engines and browsers on a shared machine may stall for seconds: in CI such a test has a
// second attempt, which the report tells ("retry x1"). Who needs it often has a defect.
const SECOND_ATTEMPT = process.env["CI"] === "true" ? 1 : 0;

/** What is waited for is waited for as long as a busy machine needs: a wait that ends early proves nothing. */
const PATIENT = { poll: { timeout: 30_000, interval: 100 } };

/** What differs is told in the message itself: all that is left of an attempt before the last. */
const TOLD = { truncateThreshold: 800 };

/** What is built is loaded by Node itself, as the product does, not transformed once more. */
const BUILT = { deps: { external: [/\/packages\/[^/]+\/dist\//] } };

/** Of path and browser: both are one queue. */
const WITH_SERVERS = {
  testTimeout: 120_000,
  hookTimeout: 120_000,
  // Each file has its own folders and ports. Much of the time is waiting for processes and pages:
  // four files at once fill two cores, more would only fight for them.
  maxWorkers: 4,
  expect: PATIENT,
  chaiConfig: TOLD,
  server: BUILT,
  // A file that is left cleans up after itself, and its modules may stay: loading them anew takes long.
  isolate: false,
  retry: SECOND_ATTEMPT,
};

// unit: beside the code, no build needed for the package itself.
// path: across packages, against the built product, with real servers and a real engine.
// browser: the page in a real Chromium.
export default defineConfig({
  test: {
    sequence: { sequencer: LongFirst },
    projects: [
      {
        test: {
          name: "unit",
          include: ["packages/*/src/**/*.test.ts"],
          setupFiles: ["test/kit/seeds.ts"],
          testTimeout: 20_000,
          maxWorkers: 2,
          server: BUILT,
          // Loading the same modules for each of the files anew takes longer than the tests.
          isolate: false,
        },
      },
      {
        test: {
          name: "path",
          include: ["test/path/**/*.test.ts"],
          setupFiles: ["test/kit/seeds.ts"],
          ...WITH_SERVERS,
        },
      },
      {
        test: {
          name: "browser",
          include: ["test/browser/**/*.test.ts"],
          ...WITH_SERVERS,
        },
      },
    ],
  },
});
