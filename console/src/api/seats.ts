import { useQuery } from "@tanstack/react-query";
import { api, data } from "./client";

/** The seats of a client, how many people are where, and what the last audit found. */
export function useSeatReport(client: string, enabled = true) {
  return useQuery({
    queryKey: ["seats", client],
    enabled,
    queryFn: () => data(api.GET("/v1/scopes/{scope}/seats", { params: { path: { scope: client } } })),
  });
}
