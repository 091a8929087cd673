import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useLocation } from "wouter";
import { api, data, entityTag, type Scope } from "../api/client";
import { useKeys } from "../api/key";
import { useNames } from "../api/names";
import { asProblem } from "../api/problem";
import { invalidateClient, useScope, useSearch } from "../api/queries";
import { SearchField } from "../grid/filters";
import { displayName } from "../ui/display-name";
import { ProblemNote } from "../ui/problem";
import { SelectField } from "../ui/select-field";
import { Loaded } from "../ui/state";
import { Title } from "../ui/title";
import { useToast } from "../ui/toast";
import { useWords } from "../words/provider";

/** Transfers the ownership of a client or an event to an active collaborator. */
export function OwnerPage({ scope }: { scope: string }) {
  const { owner: words } = useWords();
  const { nameOf } = useNames();
  const found = useScope(scope);
  return (
    <div className="narrow">
      <Title>{words.title(nameOf(scope))}</Title>
      <p>{words.lead}</p>
      <Loaded of={found}>{found.data?.owner ? <Transfer scope={found.data} /> : <p>{words.none}</p>}</Loaded>
    </div>
  );
}

function Transfer({ scope }: { scope: Scope }) {
  const { owner: words } = useWords();
  const [to, setTo] = useState("");
  const [sure, setSure] = useState(false);
  // The version the user saw, not one loaded in the background since.
  const [seen, setSeen] = useState(scope);
  const [q, setQ] = useState<string>();
  const collaborators = useSearch(scope.id, q);
  const others = (collaborators.data?.collaborators ?? []).filter(({ id }) => id !== seen.owner?.id);
  const isSearched = q !== undefined || Boolean(collaborators.data?.nextCursor);
  const queries = useQueryClient();
  const toast = useToast();
  const keys = useKeys();
  const [, navigate] = useLocation();
  const transferring = useMutation({
    mutationFn: () => {
      const body = { collaborator: to };
      const header = {
        "If-Match": entityTag(seen.version),
        "Idempotency-Key": keys.of({ body, version: seen.version }),
      };
      return data(
        api.POST("/v1/scopes/{scope}/owner", { params: { path: { scope: scope.id }, header }, body }),
      );
    },
    onSuccess: async (now) => {
      const owner = others.find(({ id }) => id === to);
      toast(words.done(owner ? displayName(owner) : (now.owner?.email ?? "")));
      navigate(`/scopes/${scope.id}`);
      await invalidateClient(queries, scope.id);
    },
    onError: async (error) => {
      if (asProblem(error).code !== "stale-version") return;
      setSeen(await data(api.GET("/v1/scopes/{scope}", { params: { path: { scope: scope.id } } })));
      setSure(false);
      await invalidateClient(queries, scope.id);
    },
  });
  const stale = transferring.error && asProblem(transferring.error).code === "stale-version";
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        transferring.mutate();
      }}
    >
      <dl className="figures">
        <div>
          <dt>{words.current}</dt>
          <dd>{seen.owner?.email}</dd>
        </div>
      </dl>
      {stale && (
        <p className="note" role="alert">
          {words.changed}
        </p>
      )}
      {isSearched && <SearchField q={q ?? ""} onSearch={setQ} />}
      <Loaded of={collaborators}>
        {others.length === 0 ? (
          <p>{words.noOthers}</p>
        ) : (
          <>
            <SelectField
              label={words.to}
              required
              value={to}
              options={[
                ["", words.choose],
                ...others.map(({ id, email, name }) => [id, name ? `${name} – ${email}` : email] as const),
              ]}
              onChange={setTo}
            />
            <label className="check">
              <input
                type="checkbox"
                required
                checked={sure}
                onChange={(event) => setSure(event.target.checked)}
              />
              {words.sure}
            </label>
            {transferring.error && !stale && (
              <ProblemNote error={transferring.error} onRetry={() => transferring.mutate()} />
            )}
            <div className="buttons">
              <button type="submit" className="danger" disabled={transferring.isPending}>
                {words.button}
              </button>
            </div>
          </>
        )}
      </Loaded>
    </form>
  );
}
