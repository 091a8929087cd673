import { defineConfig } from "vitest/config";
import { catalogue } from "./catalogue.ts";

export default defineConfig({
  test: {
    projects: [
      {
        plugins: [catalogue()],
        test: { name: "rules", include: ["tests/rules/*.test.ts"], env: { TZ: "Europe/Paris" } },
      },
      {
        test: {
          name: "browser",
          include: ["tests/browser/*.test.ts"],
          globalSetup: "tests/browser/stack.ts",
          // One browser at a time: it shares the machine with the stack.
          fileParallelism: false,
          testTimeout: 180_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
