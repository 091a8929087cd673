import { useCallback } from "react";
import { useOwnAccess } from "./queries";

/** A function that returns whether a collaborator is the signed-in user. */
export function useIsMe(): (collaborator: { id: string }) => boolean {
  const { data } = useOwnAccess();
  return useCallback(
    ({ id }) => data?.access.some(({ collaborator }) => collaborator === id) ?? false,
    [data],
  );
}
