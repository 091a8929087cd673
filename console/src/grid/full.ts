import { useQuery } from "@tanstack/react-query";
import { api, type Collaborator, data } from "../api/client";
import { collaborator } from "../api/queries";

/** From how many people on the whole list is read in the place of each person. */
const MANY = 5;

/** The given people with all their grants that can be seen from the scope, those further down included. */
export function useFull(scope: string, people: Collaborator[]) {
  const ids = people.map(({ id }) => id);
  return useQuery({
    queryKey: ["full", scope, ids],
    queryFn: async () => {
      if (ids.length < MANY) return Promise.all(ids.map((id) => collaborator(scope, id, true)));
      const all = new Map((await everybody(scope)).map((person) => [person.id, person]));
      return people.map((person) => all.get(person.id) ?? person);
    },
    staleTime: 0,
  });
}

/** Everybody who is seen from the scope or below it. */
async function everybody(scope: string): Promise<Collaborator[]> {
  const people: Collaborator[] = [];
  let cursor: string | null = null;
  do {
    const query: { below: boolean; limit: number; cursor?: string } = { below: true, limit: 1_000 };
    if (cursor) query.cursor = cursor;
    const page = await data(
      api.GET("/v1/scopes/{scope}/collaborators", { params: { path: { scope }, query } }),
    );
    people.push(...page.collaborators);
    cursor = page.nextCursor;
  } while (cursor);
  return people;
}
