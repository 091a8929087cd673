import { ifMatch, versionOf } from "@coulisses/client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, type Collaborator, data } from "./client";
import { invalidateClient } from "./queries";

/** The seats of a client, how many people are where, and what the last audit found. */
export function useSeatReport(client: string, enabled = true) {
  return useQuery({
    queryKey: ["seats", client],
    enabled,
    queryFn: () => data(api.GET("/v1/scopes/{scope}/seats", { params: { path: { scope: client } } })),
  });
}

const WAITING = "/v1/scopes/{scope}/waiting-list";

/** The people who wait for a seat, in order, and the version of that order. */
async function readWaiting(
  sent: Promise<{ data?: { waiting: Collaborator[] } | object; response: Response }>,
) {
  const { waiting } = (await data(sent)) as { waiting: Collaborator[] };
  return { waiting, version: versionOf((await sent).response) ?? 0 };
}

const waitingKey = (client: string) => ["waiting list", client];

/** The waiting list of a client. */
export function useWaitingList(client: string) {
  return useQuery({
    queryKey: waitingKey(client),
    queryFn: () => readWaiting(api.GET(WAITING, { params: { path: { scope: client } } })),
  });
}

/** Puts the waiting list of a client in another order. Fails with `stale-version` if it is not the one read. */
export function useReordering(client: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ ids, version }: { ids: string[]; version: number }) => {
      const params = { path: { scope: client }, header: ifMatch(version) };
      return readWaiting(api.PUT(WAITING, { params, body: { ids } }));
    },
    onSuccess: (list) => queries.setQueryData(waitingKey(client), list),
    onSettled: () => invalidateClient(queries, client),
  });
}
