import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useLocation } from "wouter";
import { api, data, entityTag, type Scope } from "../api/client";
import { useKeys } from "../api/key";
import { useNames } from "../api/names";
import { asProblem } from "../api/problem";
import { changed, everybody, useScope } from "../api/queries";
import { Field } from "../ui/field";
import { called } from "../ui/person";
import { ProblemNote } from "../ui/problem";
import { Loaded } from "../ui/state";
import { Title } from "../ui/title";
import { useToast } from "../ui/toast";
import { useWords } from "../words/provider";

/** Hands a client or an event over to an active collaborator. */
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
  // The version is the one that was shown, not the one that a refresh in the background brought.
  const [read, setRead] = useState(scope);
  const people = useQuery({
    queryKey: ["active", scope.id],
    queryFn: () => everybody(scope.id, "active"),
  });
  const others = (people.data ?? []).filter(({ id }) => id !== read.owner?.id);
  const queries = useQueryClient();
  const toast = useToast();
  const keys = useKeys();
  const [, navigate] = useLocation();
  const handing = useMutation({
    mutationFn: () => {
      const body = { collaborator: to };
      const header = {
        "If-Match": entityTag(read.version),
        "Idempotency-Key": keys.of({ body, version: read.version }),
      };
      return data(
        api.POST("/v1/scopes/{scope}/owner", { params: { path: { scope: scope.id }, header }, body }),
      );
    },
    onSuccess: async (now) => {
      const person = others.find(({ id }) => id === to);
      toast(words.done(person ? called(person) : (now.owner?.email ?? "")));
      navigate(`/scopes/${scope.id}`);
      await changed(queries, scope.id);
    },
    onError: async (error) => {
      if (asProblem(error).code !== "stale-version") return;
      setRead(await data(api.GET("/v1/scopes/{scope}", { params: { path: { scope: scope.id } } })));
      setSure(false);
      await changed(queries, scope.id);
    },
  });
  const stale = handing.error && asProblem(handing.error).code === "stale-version";
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        handing.mutate();
      }}
    >
      <dl className="figures">
        <div>
          <dt>{words.current}</dt>
          <dd>{read.owner?.email}</dd>
        </div>
      </dl>
      {stale && (
        <p className="note" role="alert">
          {words.changed}
        </p>
      )}
      <Loaded of={people}>
        {others.length === 0 ? (
          <p>{words.nobody}</p>
        ) : (
          <>
            <Field label={words.to}>
              {(tie) => (
                <select {...tie} required value={to} onChange={(event) => setTo(event.target.value)}>
                  <option value="">{words.choose}</option>
                  {others.map((person) => (
                    <option key={person.id} value={person.id}>
                      {person.name ? `${person.name} – ${person.email}` : person.email}
                    </option>
                  ))}
                </select>
              )}
            </Field>
            <label className="check">
              <input
                type="checkbox"
                required
                checked={sure}
                onChange={(event) => setSure(event.target.checked)}
              />
              {words.sure}
            </label>
            {handing.error && !stale && (
              <ProblemNote error={handing.error} onRetry={() => handing.mutate()} />
            )}
            <div className="buttons">
              <button type="submit" className="danger" disabled={handing.isPending}>
                {words.button}
              </button>
            </div>
          </>
        )}
      </Loaded>
    </form>
  );
}
