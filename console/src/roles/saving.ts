import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api, type ClientRole, data, type Effects, entityTag } from "../api/client";
import { asProblem } from "../api/problem";
import { invalidateClient } from "../api/queries";
import { rolesOf } from "../api/roles";
import { isolated } from "../ui/isolated";
import { useToast } from "../ui/toast";
import { useLanguage } from "../words/provider";
import { type RoleDraft, settingsOf } from "./draft";
import { effectsOf } from "./effects";

const PATH = "/v1/scopes/{scope}/roles/{key}";

/** The condition on which a draft is sent: that the role is as it was read, or that there is none. */
const condition = ({ version }: RoleDraft) =>
  version === undefined ? { "If-None-Match": "*" as const } : { "If-Match": entityTag(version) };

/** Reads the roles again, and what shows them, after a change. */
export function useReload(client: string): () => Promise<void> {
  const queries = useQueryClient();
  return () => {
    invalidateClient(queries, client);
    return queries.invalidateQueries({ queryKey: rolesOf(client).queryKey });
  };
}

/** Called with the current role, if it still exists, when it differs from the one that was read. */
type OnStale = (now: ClientRole | undefined) => void;

function useStale(client: string, key: string, onStale: OnStale | undefined) {
  const queries = useQueryClient();
  return async (error: unknown) => {
    const { code } = asProblem(error);
    if (!onStale || (code !== "stale-version" && code !== "role-not-found")) throw error;
    const { roles } = await queries.fetchQuery({ ...rolesOf(client), staleTime: 0 });
    onStale(roles.find((role) => role.key === key));
    return undefined;
  };
}

/** Defines or changes a role; `onSaved` gives the message. */
export function useDefining(
  client: string,
  key: string,
  onSaved: (name: string) => string,
  onStale: OnStale | undefined,
) {
  const toast = useToast();
  const { locale } = useLanguage();
  const reload = useReload(client);
  const stale = useStale(client, key, onStale);
  return useMutation({
    mutationFn: (draft: RoleDraft) => {
      const params = { path: { scope: client, key }, header: condition(draft) };
      return data(api.PUT(PATH, { params, body: settingsOf(draft) })).catch(stale);
    },
    onSuccess: (saved) => {
      if (!saved) return;
      toast(onSaved(isolated(saved.name[locale])));
      void reload();
    },
  });
}

/** Asks what a change would do. */
export function usePreview(
  client: string,
  key: string,
  onEffects: (effects: Effects) => void,
  onStale: OnStale,
) {
  const stale = useStale(client, key, onStale);
  return useMutation({
    mutationFn: (draft: RoleDraft) => {
      const params = { path: { scope: client, key }, query: { dryRun: true }, header: condition(draft) };
      return effectsOf(api.PUT(PATH, { params, body: settingsOf(draft) })).catch(stale);
    },
    onSuccess: (effects) => effects && onEffects(effects),
  });
}
