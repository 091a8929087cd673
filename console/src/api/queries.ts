import { type QueryClient, useInfiniteQuery, useQueries, useQuery } from "@tanstack/react-query";
import { api, type Collaborator, data, type GivenRole, type Role, type Status } from "./client";
import { asProblem } from "./problem";
import { clientOf, isBelow, type ScopeLabel, topmost } from "./scopes";

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
  const names = new Map(scopes.map(({ id, name }) => [id, name]));
  for (const { client } of clients) names.set(client.id, client.name);
  const pending = access.isPending || trees.some(({ isPending }) => isPending);
  return {
    access: access.data,
    scopes,
    names,
    read: {
      data: pending ? undefined : scopes,
      error: access.error ?? trees.find(({ error }) => error)?.error ?? null,
      refetch: () => Promise.all([access.refetch(), ...trees.map((tree) => tree.refetch())]),
    },
  };
}

/** What the caller reaches: the scopes, their names, and how the reading of them goes. */
export type Reach = ReturnType<typeof useReach>;

const GIVEN: readonly GivenRole[] = [
  "administrator",
  "contributor",
  "reader",
  "manager",
  "supervisor",
  "observer",
  "custom",
];

/** The roles that can be given at a scope, none until it is read; a client offers the custom one for its events. */
export function useRoles(scope: string): readonly GivenRole[] {
  const { data: here } = useScope(scope);
  return GIVEN.filter((role) => here?.roles.includes(role) && (role !== "custom" || here.level !== "client"));
}

/** The grid of a scope, a page at a time. */
export function useCollaborators(scope: string, filter: Filter) {
  return useInfiniteQuery({
    queryKey: ["collaborators", scope, filter],
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
    // A mail that has just been queued leaves in a moment, and only then is it known when the next one may.
    refetchInterval: ({ state }) =>
      state.data?.pages.some(({ collaborators }) => collaborators.some(isQueued)) ? 2_000 : false,
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

/** Everybody who is seen from a scope or below it, or those of one status, however many pages that takes. */
export async function everybody(scope: string, status?: Status): Promise<Collaborator[]> {
  const people: Collaborator[] = [];
  let cursor: string | null = null;
  do {
    const query: { below: boolean; limit: number; status?: Status; cursor?: string } = {
      below: true,
      limit: 1_000,
    };
    if (status) query.status = status;
    if (cursor) query.cursor = cursor;
    const page = await data(
      api.GET("/v1/scopes/{scope}/collaborators", { params: { path: { scope }, query } }),
    );
    people.push(...page.collaborators);
    cursor = page.nextCursor;
  } while (cursor);
  return people;
}

/** One collaborator as of now, or that there is nobody of that id any more. */
export async function asItIs(scope: string, id: string, below: boolean): Promise<Collaborator | "gone"> {
  try {
    return await collaborator(scope, id, below);
  } catch (error) {
    if (asProblem(error).code === "collaborator-not-found") return "gone";
    throw error;
  }
}

/** After a change: whatever shows people, seats or history at this client is read again. */
export async function changed(queries: QueryClient, scope: string): Promise<void> {
  const client = clientOf(scope);
  const concerned = (key: unknown) => typeof key === "string" && (key === client || isBelow(key, client));
  await queries.invalidateQueries({
    predicate: ({ queryKey }) => queryKey[0] === "access" || queryKey.some(concerned),
  });
}
