import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [react()],
  build: {
    target: "es2023",
    // The page may run nothing but files of its own: nothing is put into it.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
