import optimizeLocales from "@react-aria/optimize-locales-plugin";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { catalogue } from "./catalogue.ts";
import { client } from "./client.ts";

/** Builds `<coulisses-team>` as one file, for pages of other origins. */
export default defineConfig({
  resolve: client,
  plugins: [catalogue(), react(), optimizeLocales.vite({ locales: ["fr-FR", "en-US", "en-GB"] })],
  define: { "process.env.NODE_ENV": '"production"' },
  publicDir: false,
  build: {
    target: "es2023",
    outDir: "../clients/coulisses-team/dist",
    emptyOutDir: true,
    lib: { entry: "src/embed/element.tsx", formats: ["es"], fileName: "coulisses-team" },
    rolldownOptions: { output: { codeSplitting: false, minify: true } },
  },
});
