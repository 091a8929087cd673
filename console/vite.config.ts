import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [react()],
  build: {
    target: "es2023",
    // The page may run nothing but files of its own: nothing is put into it.
    assetsInlineLimit: 0,
    // A tenth smaller than the default, for a second more of build.
    minify: "terser",
    terserOptions: { compress: { passes: 2 } },
    modulePreload: { polyfill: false },
  },
  test: {
    include: ["tests/**/*.test.ts"],
    // The stack is built and started before the first test, which may take minutes.
    hookTimeout: 30 * 60_000,
    testTimeout: 120_000,
  },
});
