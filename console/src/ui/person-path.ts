import { useSearch } from "wouter";

/** The address of a person's panel above the list as it is filtered; without an id, that of the list. */
export function usePersonPath(scope: string): (id?: string) => string {
  const search = useSearch();
  const query = search ? `?${search}` : "";
  return (id) => `/scopes/${scope}${id ? `/people/${id}` : ""}${query}`;
}
