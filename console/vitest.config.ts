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
          // One browser at a time: it shares the machine with the stack.
          fileParallelism: false,
          testTimeout: 180_000,
          hookTimeout: 60_000,
          // A mail takes longer on a busy machine than the second that is the default.
          expect: { poll: { timeout: 15_000 } },
        },
      },
    ],
  },
});
