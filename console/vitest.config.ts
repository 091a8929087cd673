import { defaultServerConditions } from "vite";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";
import { catalogue } from "./catalogue.ts";
import { client } from "./client.ts";

/** Node reads no TypeScript among modules. */
const server = { deps: { inline: ["@coulisses/client"] } };
const ssr = { resolve: { conditions: ["coulisses-source", ...defaultServerConditions] } };

/** The files that take minutes start first, so that one browser does not wait for the other at the end. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification) => /(looks|jobs)\.test\.ts$/.test(moduleId);
    return [...files.filter(isLong), ...(await super.sort(files.filter((file) => !isLong(file))))];
  }
}

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        plugins: [catalogue()],
        resolve: client,
        ssr,
        test: { name: "rules", include: ["tests/rules/*.test.ts"], env: { TZ: "Europe/Paris" }, server },
      },
      {
        resolve: client,
        ssr,
        test: {
          name: "browser",
          server,
          include: ["tests/browser/*.test.ts"],
          globalSetup: "tests/browser/stack.ts",
          // Two browsers at a time: one alone leaves almost half of two cores idle, and each test has users of its own.
          maxWorkers: 2,
          // Another number of workers needs a group of its own.
          sequence: { groupOrder: 1 },
          testTimeout: 180_000,
          hookTimeout: 60_000,
          // A mail takes longer on a busy machine than the second that is the default.
          expect: { poll: { timeout: 60_000 } },
        },
      },
    ],
  },
});
