import type { QueryClientConfig } from "@tanstack/react-query";
import { asProblem } from "./problem";

/** How all pages read. */
export const QUERY_OPTIONS: QueryClientConfig = {
  defaultOptions: {
    queries: {
      // Other users change access too: reload a query when the page becomes visible again.
      staleTime: 5_000,
      // Fail when offline, instead of pausing silently.
      networkMode: "always",
      retry: (failures, error) => failures < 2 && asProblem(error).isTemporary,
    },
    mutations: { retry: false, networkMode: "always" },
  },
};
