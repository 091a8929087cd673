import { defaultServerConditions } from "vite";
import { defineConfig } from "vitest/config";
import { catalogue } from "./catalogue.ts";
import { client } from "./client.ts";

/** Node reads no TypeScript among modules. */
const server = { deps: { inline: ["@coulisses/client"] } };
const ssr = { resolve: { conditions: ["coulisses-source", ...defaultServerConditions] } };

export default defineConfig({
  test: {
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
          // Two browsers at a time: the tests often wait for mails and for input to settle, and each has users of its own.
          maxWorkers: 2,
          // Another number of workers needs a group of its own.
          sequence: { groupOrder: 1 },
          testTimeout: 180_000,
          hookTimeout: 60_000,
          // A mail takes longer on a busy machine than the second that is the default.
          expect: { poll: { timeout: 15_000 } },
        },
      },
    ],
  },
});
