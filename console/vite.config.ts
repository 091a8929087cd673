import optimizeLocales from "@react-aria/optimize-locales-plugin";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { catalogue } from "./catalogue.ts";
import { client } from "./client.ts";

export default defineConfig({
  resolve: client,
  plugins: [catalogue(), react(), optimizeLocales.vite({ locales: ["fr-FR", "en-US", "en-GB"] })],
  build: {
    target: "es2023",
    // The content security policy only allows files of the page's own origin: nothing is inlined.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
