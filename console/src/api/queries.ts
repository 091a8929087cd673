import { type QueryClient, useInfiniteQuery, useQueries, useQuery } from "@tanstack/react-query";
import { api, type Collaborator, data, type Role, type Status } from "./client";
import { isBelow, lineage, type ScopeLabel, topmost } from "./scopes";

/** How many rows of the grid one request asks for. */
const PAGE = 200;

/** What narrows the grid and orders it, as the API has it. */
export interface Filter {
  status?: Status;
  role?: Role;
  inherited?: boolean;
  below?: boolean;
  q?: string;
  sort?: "email" | "lastLoginAt";
}

/** Where the caller has access. */
export function useOwnAccess() {
  return useQuery({ queryKey: ["access"], queryFn: () => data(api.GET("/v1/me/access")) });
}

/** The scope, with its settings and version. */
export function useScope(scope: string) {
  return useQuery({
    queryKey: ["scope", scope],
    queryFn: () => data(api.GET("/v1/scopes/{scope}", { params: { path: { scope } } })),
  });
}

/** All scopes that the caller reaches, as a flat list in which what is above comes first. */
export function useReach() {
  const access = useOwnAccess();
  const clients = access.data?.access ?? [];
  const from = clients.flatMap(({ scopes }) => topmost(scopes));
  const trees = useQueries({
    queries: from.map((scope) => ({
      queryKey: ["scope", scope, "below"],
      queryFn: () =>
        data(api.GET("/v1/scopes/{scope}", { params: { path: { scope }, query: { below: true } } })),
    })),
  });
  const scopes: ScopeLabel[] = trees.flatMap(({ data }) =>
    data ? [{ id: data.id, level: data.level, name: data.name }, ...(data.below ?? [])] : [],
  );
  const failed = access.error ?? trees.find(({ error }) => error)?.error ?? null;
  const again = () => Promise.all([access.refetch(), ...trees.map((tree) => tree.refetch())]);
  return {
    access: access.data,
    scopes,
    pending: access.isPending || trees.some(({ isPending }) => isPending),
    error: failed,
    again,
  };
}

/** How people call the scopes on the way to `scope`; an id stands where the caller may not know the name. */
export function useNames() {
  const { scopes, access } = useReach();
  const names = new Map(scopes.map(({ id, name }) => [id, name]));
  for (const { client } of access?.access ?? []) names.set(client.id, client.name);
  const nameOf = (scope: string) => names.get(scope) ?? scope.split(":").at(-1) ?? scope;
  return { nameOf, path: (scope: string) => lineage(scope).map((id) => ({ id, name: nameOf(id) })) };
}

/** The grid of a scope, a page at a time. */
export function useCollaborators(scope: string, filter: Filter, enabled = true) {
  return useInfiniteQuery({
    queryKey: ["collaborators", scope, filter],
    enabled,
    initialPageParam: null as string | null,
    queryFn: ({ pageParam }) =>
      data(
        api.GET("/v1/scopes/{scope}/collaborators", {
          params: {
            path: { scope },
            query: { ...filter, limit: PAGE, ...(pageParam ? { cursor: pageParam } : {}) },
          },
        }),
      ),
    getNextPageParam: (page) => page.nextCursor,
    // A mail that has just been queued leaves in a moment; what is still queued later is looked at less and less often.
    refetchInterval: ({ state }) =>
      state.data?.pages.some(({ collaborators }) => collaborators.some(isQueued))
        ? Math.min(60_000, 1_000 * 2 ** state.dataUpdateCount)
        : false,
    // While a filter changes, what was found before stays in view.
    placeholderData: (before) => before,
  });
}

function isQueued({ invitation }: Collaborator): boolean {
  return invitation?.delivery === "queued";
}

/** One collaborator as seen at a scope; `below` counts what is further down too. */
export function useCollaborator(scope: string, id: string, below: boolean) {
  return useQuery({
    queryKey: ["collaborator", scope, id, below],
    queryFn: () => collaborator(scope, id, below),
  });
}

/** Reads one collaborator as it is now. */
export function collaborator(scope: string, id: string, below: boolean): Promise<Collaborator> {
  const params = { path: { scope, id }, query: { below } };
  return data(api.GET("/v1/scopes/{scope}/collaborators/{id}", { params }));
}

/** After a change: whatever shows people, seats or history at this client is read again. */
export async function changed(queries: QueryClient, scope: string): Promise<void> {
  const client = lineage(scope)[0] ?? scope;
  const concerned = (key: unknown) => typeof key === "string" && (key === client || isBelow(key, client));
  await queries.invalidateQueries({
    predicate: ({ queryKey }) => queryKey[0] === "access" || queryKey.some(concerned),
  });
}
