import { useQuery } from "@tanstack/react-query";
import type { Collaborator } from "../api/client";
import { allCollaborators, collaboratorOrGone } from "../api/queries";

/** From this number on, one read of the whole list replaces one read per collaborator. */
const MANY = 5;

/**
 * The given collaborators with all their grants visible from the scope, including those at lower levels. Collaborators
 * removed in the meantime are left out. Loaded once, so that a dialog does not change while the user reads it.
 */
export function useAllGrants(scope: string, collaborators: Collaborator[]) {
  const ids = collaborators.map(({ id }) => id);
  return useQuery({
    queryKey: ["full", ids],
    queryFn: async () => {
      const found =
        ids.length < MANY
          ? await Promise.all(ids.map((id) => collaboratorOrGone(scope, id, true)))
          : await allCollaborators(scope);
      const given = new Set(ids);
      return found.filter((each) => each !== "gone").filter(({ id }) => given.has(id));
    },
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
  });
}
