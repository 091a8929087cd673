import { effects, items, type paths } from "@coulisses/client";
import {
  type InfiniteData,
  type QueryClient,
  type QueryKey,
  useInfiniteQuery,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { useMemo } from "react";
import { api, type Collaborator, data, type Permission, type Role, type Status } from "./client";
import { pollDelay } from "./polling";
import { asProblem, Problem } from "./problem";
import { clientOf, isBelow, ownAccessIn, visibleScopes, withSupport } from "./scopes";

/** Rows of the grid per request. */
const PAGE = 200;

/** Ids per request. */
const MOST_IDS = 100;

/** People that a search offers to choose from. */
const MOST_FOUND = 50;

/** The orders of the grid: by address, name, last login (latest first) and end of access; `-` reverses one. */
export type Sort = NonNullable<
  NonNullable<paths["/v1/scopes/{scope}/collaborators"]["get"]["parameters"]["query"]>["sort"]
>;

/** The filters and sort order of the grid, as query parameters of the API. */
export interface Filter {
  status?: Status;
  role?: Role;
  inherited?: boolean;
  below?: boolean;
  q?: string;
  permission?: Permission;
  dormant?: boolean;
  delivery?: "undeliverable";
  expiresBefore?: string;
  sort?: Sort;
}

/** The caller's own access, with the names of all scopes they see and of those above. */
export function useOwnAccess() {
  return useQuery({
    queryKey: ["access"],
    queryFn: () => data(api.GET("/v1/me/access", { params: { query: { tree: true } } })),
  });
}

/** A scope, with its settings and version. */
export function useScope(scope: string) {
  return useQuery({
    queryKey: ["scope", scope],
    queryFn: () => data(api.GET("/v1/scopes/{scope}", { params: { path: { scope } } })),
  });
}

/** A client with the names of all scopes below it. */
function useClientTree(client: string | undefined) {
  return useQuery({
    queryKey: ["scope", client, "below"],
    enabled: client !== undefined,
    queryFn: () => {
      const params = { path: { scope: client ?? "" }, query: { below: true } };
      return data(api.GET("/v1/scopes/{scope}", { params }));
    },
  });
}

/** All scopes that the caller can see, with parents before their children; for support also those of the client of `at`. */
export function useVisibleScopes(at?: string) {
  const { data: own, error, refetch } = useOwnAccess();
  const client = at && clientOf(at);
  const isSeen = ownAccessIn(own, at ?? "")?.scopes.some(({ scope }) => scope === client);
  const { data: tree } = useClientTree(own?.support && !isSeen ? client : undefined);
  const access = useMemo(() => (own && tree ? withSupport(own, tree) : own), [own, tree]);
  const { scopes, names } = useMemo(() => visibleScopes(access), [access]);
  return { access, scopes, names, query: { data: access && scopes, error, refetch } };
}

/** The result of `useVisibleScopes`. */
export type VisibleScopes = ReturnType<typeof useVisibleScopes>;

/** The grid of a scope, page by page. Rows whose mail is on its way are read again, and only those. */
export function useCollaborators(scope: string, filter: Filter) {
  const queryKey = ["collaborators", scope, filter];
  const grid = useInfiniteQuery({
    queryKey,
    initialPageParam: null as string | null,
    queryFn: ({ pageParam }) =>
      readPage(scope, { ...filter, limit: PAGE, ...(pageParam ? { cursor: pageParam } : {}) }),
    getNextPageParam: (page) => page.nextCursor,
    // Keeps the previous rows visible while a filter changes.
    placeholderData: (previous) => previous,
  });
  useQueuedMail(scope, filter, queryKey, grid.data?.pages);
  return grid;
}

type Page = Awaited<ReturnType<typeof readPage>>;

/** A page of the grid of a scope. */
export function readPage(scope: string, query: Filter & { limit?: number; cursor?: string; ids?: string }) {
  return data(api.GET("/v1/scopes/{scope}/collaborators", { params: { path: { scope }, query } }));
}

/** Asks for the rows with queued mail until it is sent: the time of the next allowed resend is only known then. */
function useQueuedMail(scope: string, filter: Filter, grid: unknown[], pages: Page[] | undefined) {
  const queries = useQueryClient();
  const view = JSON.stringify([scope, filter]);
  const opened = useMemo(() => ({ view, at: Date.now() }), [view]);
  const queued = (pages ?? []).flatMap(({ collaborators }) => collaborators.filter(isQueued));
  const ids = queued
    .map(({ id }) => id)
    .slice(0, MOST_IDS)
    .join();
  useQuery({
    queryKey: ["queued", view, ids],
    enabled: ids !== "",
    // The rows were just read with the grid.
    initialData: [] as Collaborator[],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async () => {
      const { collaborators } = await readPage(scope, { ...filter, ids });
      queries.setQueryData(grid, (cached: InfiniteData<Page> | undefined) => replaced(cached, collaborators));
      return collaborators;
    },
    refetchInterval: () => pollDelay(Date.now() - Math.max(opened.at, lastChange(queries))),
  });
}

/** When the user last changed something, in epoch milliseconds. */
function lastChange(queries: QueryClient): number {
  return Math.max(
    0,
    ...queries
      .getMutationCache()
      .getAll()
      .map(({ state }) => state.submittedAt),
  );
}

/** The cached pages with these rows in place of their earlier states. */
function replaced(
  cached: InfiniteData<Page> | undefined,
  rows: readonly Collaborator[],
): InfiniteData<Page> | undefined {
  const read = new Map(rows.map((row) => [row.id, row]));
  const pages = cached?.pages.map((page) => ({
    ...page,
    collaborators: page.collaborators.map((row) => read.get(row.id) ?? row),
  }));
  return cached && pages && { ...cached, pages };
}

function isQueued({ invitation }: Collaborator): boolean {
  return invitation?.delivery === "queued";
}

/** One collaborator as seen at a scope; `below` includes grants at lower levels. */
export function useCollaborator(scope: string, id: string, below: boolean, enabled = true) {
  return useQuery({
    queryKey: ["collaborator", scope, id, below],
    enabled,
    queryFn: () => readCollaborator(scope, id, below),
  });
}

function readCollaborator(scope: string, id: string, below: boolean): Promise<Collaborator> {
  const params = { path: { scope, id }, query: { below } };
  return data(api.GET("/v1/scopes/{scope}/collaborators/{id}", { params }));
}

/** The first collaborators at a scope and below whose name or address matches. */
export function useSearch(scope: string, q: string | undefined, status?: Status) {
  const filter = { below: true, limit: MOST_FOUND, ...(status ? { status } : {}), ...(q ? { q } : {}) };
  return useQuery({
    queryKey: ["search", scope, filter],
    queryFn: () => readPage(scope, filter),
    placeholderData: (previous) => previous,
  });
}

/** All collaborators at a scope and below. Reads all pages. */
export function allCollaborators(scope: string): Promise<Collaborator[]> {
  return items("collaborators", (at) => readPage(scope, { below: true, limit: 1_000, ...at }));
}

/** What a dry run would return. */
export async function readEffects<T>(response: Promise<{ data?: unknown }>): Promise<T> {
  return (await effects(response)).body as T;
}

/** The people of a filter, or the history, as a CSV file for the spreadsheets of the user's language. */
export async function readCsv(
  path: "collaborators" | "history",
  scope: string,
  query: object,
): Promise<Blob> {
  const params = { path: { scope }, query };
  const options = { params, headers: { accept: "text/csv" }, parseAs: "blob" } as const;
  const { data } = await (path === "history"
    ? api.GET("/v1/scopes/{scope}/history", options)
    : api.GET("/v1/scopes/{scope}/collaborators", options));
  if (!(data instanceof Blob)) throw new Problem("unexpected");
  return data;
}

/** One collaborator as of now, or `"gone"` if there is none with this id. */
export async function collaboratorOrGone(
  scope: string,
  id: string,
  below: boolean,
): Promise<Collaborator | "gone"> {
  try {
    return await readCollaborator(scope, id, below);
  } catch (error) {
    if (asProblem(error).code === "collaborator-not-found") return "gone";
    throw error;
  }
}

/**
 * Reloads everything that shows collaborators, seats or history of a client after a change, without waiting for it: a
 * dialog says what was done although the connection has been lost since. The roles of the client are not read again. A grid
 * of several pages is not either: of the people with these `ids`, only their rows are; after any other change, it begins
 * anew with its first page.
 */
export function invalidateClient(queries: QueryClient, scope: string, ids: readonly string[] = []): void {
  void reloadClient(queries, scope, ids);
}

async function reloadClient(queries: QueryClient, scope: string, ids: readonly string[]): Promise<void> {
  const client = clientOf(scope);
  const isOfClient = (key: unknown) => typeof key === "string" && (key === client || isBelow(key, client));
  const long = queries
    .getQueryCache()
    .findAll({ queryKey: ["collaborators"], predicate: ({ queryKey }) => queryKey.some(isOfClient) })
    .filter((grid) => ((grid.state.data as InfiniteData<Page> | undefined)?.pages.length ?? 0) > 1);
  const rows = long.filter((grid) => grid.isActive() && ids.length > 0 && ids.length <= MOST_IDS);
  for (const grid of long.filter((grid) => !rows.includes(grid)))
    queries.setQueryData(grid.queryKey, (cached: InfiniteData<Page> | undefined) => firstPage(cached));
  await Promise.all([
    // A grid whose rows cannot be read is read anew, and shows the problem.
    ...rows.map(({ queryKey }) =>
      readRows(queries, queryKey, ids).catch(() => queries.invalidateQueries({ queryKey })),
    ),
    queries.invalidateQueries({
      predicate: (query) =>
        !rows.includes(query) &&
        query.queryKey[0] !== "roles" &&
        (query.queryKey[0] === "access" || query.queryKey.some(isOfClient)),
    }),
  ]);
}

/** Reads these people of a grid again, and removes the rows of those whom it does not show any more. */
async function readRows(queries: QueryClient, grid: QueryKey, ids: readonly string[]): Promise<void> {
  const [, scope, filter] = grid as [string, string, Filter];
  const read = await readPage(scope, { ...filter, ids: ids.join() });
  const gone = new Set(ids.filter((id) => !read.collaborators.some((row) => row.id === id)));
  queries.setQueryData(grid, (cached: InfiniteData<Page> | undefined) => {
    const data = replaced(cached, read.collaborators);
    const pages = data?.pages.map((page) => ({
      ...page,
      seats: read.seats,
      collaborators: page.collaborators.filter(({ id }) => !gone.has(id)),
    }));
    return data && pages && { ...data, pages };
  });
}

function firstPage(cached: InfiniteData<Page> | undefined): InfiniteData<Page> | undefined {
  return cached && { pages: cached.pages.slice(0, 1), pageParams: cached.pageParams.slice(0, 1) };
}
