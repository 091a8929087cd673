import { useQuery } from "@tanstack/react-query";
import type { Collaborator } from "../api/client";
import { asItIs, everybody } from "../api/queries";

/** From how many people on the whole list is read in the place of each person. */
const MANY = 5;

/**
 * The given people with all their grants that can be seen from the scope, those further down included; who has gone
 * meanwhile is left out. It is read once, so that what is decided on does not change under the reader.
 */
export function useFull(scope: string, people: Collaborator[]) {
  const ids = people.map(({ id }) => id);
  return useQuery({
    queryKey: ["full", ids],
    queryFn: async () => {
      const found =
        ids.length < MANY
          ? await Promise.all(ids.map((id) => asItIs(scope, id, true)))
          : await everybody(scope);
      const wanted = new Set(ids);
      return found.filter((person) => person !== "gone").filter(({ id }) => wanted.has(id));
    },
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
  });
}
