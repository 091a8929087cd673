import { useQuery } from "@tanstack/react-query";
import type { Collaborator } from "../api/client";
import { allCollaborators, collaboratorOrGone, useOwnAccess } from "../api/queries";
import { clientOf, permissionsAt } from "../api/scopes";

/** From this number on, one read of the whole list replaces one read per collaborator. */
const MANY = 10;

/**
 * The given collaborators with all the grants that the user can see: those of the whole client if the user sees it
 * (`isWhole`), else those at the scope, above it and below it. Collaborators removed in the meantime are left out.
 * Loaded once, so that a dialog does not change while the user reads it.
 */
export function useAllGrants(scope: string, collaborators: Collaborator[]) {
  const access = useOwnAccess();
  const client = clientOf(scope);
  const isWhole = permissionsAt(access.data, client).has("access:view");
  const from = isWhole ? client : scope;
  const ids = collaborators.map(({ id }) => id);
  const query = useQuery({
    // Not a plain id, which `invalidateClient` would find.
    queryKey: ["full", { from }, ids],
    enabled: access.data !== undefined,
    queryFn: async () => {
      const found =
        ids.length < MANY
          ? await Promise.all(ids.map((id) => collaboratorOrGone(from, id, true)))
          : await allCollaborators(from);
      const given = new Set(ids);
      return found.filter((each) => each !== "gone").filter(({ id }) => given.has(id));
    },
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
  });
  return { ...query, isWhole };
}
