import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useLocation } from "wouter";
import { api, type Collaborator, data, entityTag, type Scope } from "../api/client";
import { useKeys } from "../api/key";
import { useNames } from "../api/names";
import { asProblem } from "../api/problem";
import { invalidateClient, useScope, useSearch } from "../api/queries";
import { SearchField } from "../grid/filters";
import { SignInButton } from "../session/button";
import { useDraft } from "../session/draft";
import { useSession } from "../session/provider";
import { Avatar } from "../ui/avatar";
import { Dialog, DialogButtons } from "../ui/dialog";
import { displayName } from "../ui/display-name";
import { Empty } from "../ui/empty";
import { ProblemNote } from "../ui/problem";
import { Loaded } from "../ui/state";
import { Title } from "../ui/title";
import { useToast } from "../ui/toast";
import { owner as en } from "../words/owner-en";
import { owner as fr } from "../words/owner-fr";
import { useOwnWords, useWords } from "../words/provider";

/** Transfers the ownership of a client or an event to an active collaborator. */
export function OwnerPage({ scope }: { scope: string }) {
  const words = useOwnWords({ fr, en });
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

/** Who becomes the owner. */
type Chosen = Pick<Collaborator, "id" | "email" | "name">;

function Transfer({ scope }: { scope: Scope }) {
  const words = useOwnWords({ fr, en });
  const { grid } = useWords();
  // Kept while the user signs in again, which a transfer may ask for.
  const [to, setTo, forget] = useDraft<Chosen | null>(`owner ${scope.id}`, null);
  const [q, setQ] = useState("");
  const collaborators = useSearch(scope.id, q || undefined, "active");
  const others = (collaborators.data?.collaborators ?? []).filter(({ id }) => id !== scope.owner?.id);
  return (
    <>
      <dl className="figures">
        <div>
          <dt>{words.current}</dt>
          <dd>{scope.owner?.email}</dd>
        </div>
      </dl>
      <h2>{words.to}</h2>
      <SearchField label={grid.search} q={q} onSearch={setQ} />
      <Loaded of={collaborators}>
        {others.length === 0 && <Empty icon="people" title={q ? grid.none : words.noOthers} />}
        <ul className="plain-list people-choice">
          {others.map((person) => (
            <li key={person.id}>
              <Avatar of={person} />
              <span>
                <bdi>{person.name ?? person.email}</bdi>
                {person.name && <span className="hint">{person.email}</span>}
              </span>
              <button
                type="button"
                className="plain"
                aria-label={words.choose(displayName(person))}
                onClick={() => setTo({ id: person.id, email: person.email, name: person.name })}
              >
                {words.chooseButton}
              </button>
            </li>
          ))}
        </ul>
      </Loaded>
      {to && <Confirm scope={scope} to={to} onClose={() => setTo(null)} onDone={forget} />}
    </>
  );
}

interface ConfirmProps {
  scope: Scope;
  to: Chosen;
  onClose: () => void;
  onDone: () => void;
}

/** What changes for both. There is no way back for the former owner, so a box must be ticked. */
function Confirm({ scope, to, onClose, onDone }: ConfirmProps) {
  const words = useOwnWords({ fr, en });
  const [sure, setSure] = useState(false);
  // The version the user saw, not one loaded in the background since.
  const [seen, setSeen] = useState(scope);
  const queries = useQueryClient();
  const toast = useToast();
  const keys = useKeys();
  const [path, navigate] = useLocation();
  const session = useSession();
  const transferring = useMutation({
    mutationFn: () => {
      const body = { collaborator: to.id };
      const header = {
        "If-Match": entityTag(seen.version),
        "Idempotency-Key": keys.of({ body, version: seen.version }),
      };
      const params = { path: { scope: scope.id }, header };
      return data(api.POST("/v1/scopes/{scope}/owner", { params, body }));
    },
    onSuccess: () => {
      onDone();
      toast(words.done(displayName(to)));
      navigate(`/scopes/${scope.id}`);
      invalidateClient(queries, scope.id);
    },
    onError: async (error) => {
      if (asProblem(error).code !== "stale-version") return;
      setSeen(await data(api.GET("/v1/scopes/{scope}", { params: { path: { scope: scope.id } } })));
      setSure(false);
      invalidateClient(queries, scope.id);
    },
  });
  const code = transferring.error && asProblem(transferring.error).code;
  const stale = code === "stale-version";
  const longAgo = code === "fresh-login-required";
  return (
    <Dialog
      title={words.confirm(displayName(to))}
      onClose={onClose}
      busy={transferring.isPending}
      size="small"
      onSubmit={() => transferring.mutate()}
      foot={
        <>
          {stale && (
            <p className="note" role="alert">
              {words.changed(seen.owner?.email ?? "")}
            </p>
          )}
          {longAgo && (
            <div className="note" role="alert">
              <p>{words.longAgo}</p>
              <p className="buttons">
                <SignInButton
                  onPress={() => session.signIn(path, session.account?.email, true)}
                  label={words.signIn}
                />
              </p>
            </div>
          )}
          {transferring.error && !stale && !longAgo && (
            <ProblemNote error={transferring.error} onRetry={() => transferring.mutate()} />
          )}
          <DialogButtons onClose={onClose} busy={transferring.isPending}>
            <button type="submit" className="danger" disabled={transferring.isPending}>
              {words.button}
            </button>
          </DialogButtons>
        </>
      }
    >
      <ul>
        <li>{words.becomes(displayName(to), seen.name)}</li>
        <li>{words.youBecome(seen.name)}</li>
        <li>{words.mails}</li>
      </ul>
      <label className="check">
        <input type="checkbox" required checked={sure} onChange={(event) => setSure(event.target.checked)} />
        {words.sure}
      </label>
    </Dialog>
  );
}
