import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { Link } from "wouter";
import { batches, type OnResults, type Results } from "../api/batch";
import { api, type Collaborator, data, entityTag, type Grant, type Revocation } from "../api/client";
import { type Keys, useKeys } from "../api/key";
import { useNames } from "../api/names";
import { asProblem, outcome, Problem } from "../api/problem";
import { invalidateClient } from "../api/queries";
import { hasBelow, permissionsAt } from "../api/scopes";
import { Dialog, DialogButtons } from "../ui/dialog";
import { displayName } from "../ui/display-name";
import { ProblemNote } from "../ui/problem";
import { Loaded } from "../ui/state";
import { Table } from "../ui/table";
import { useToast } from "../ui/toast";
import { useWords } from "../words/provider";
import { useAllGrants } from "./all-grants";
import { useDialogWords } from "./dialog-words";
import { GrantLabel } from "./grant-label";
import { grantsElsewhere, type RevocationPreview, revocationPreview, suggestsBelow } from "./grants";
import { ResultsDialog } from "./results";
import { useKeeper } from "./selection";

/** The most revocations in one request. */
const BATCH = 100;

interface Props {
  scope: string;
  collaborators: Collaborator[];
  onClose: () => void;
  /** What to do after a revocation, if not only to close. */
  onRevoked?: () => void;
  /** Whether the users remove their own access. */
  leaving?: boolean;
  /** Whether the lower levels are proposed too. */
  everywhere?: boolean;
}

interface Plan {
  collaborator: Collaborator;
  preview: RevocationPreview;
}

/** The result for one collaborator. */
type Result = Revocation | Problem;

/** The bin: first shows which grants would be removed or remain and how many seats that frees, then revokes. */
export function RevokeDialog({
  scope,
  collaborators,
  onClose,
  onRevoked,
  leaving = false,
  everywhere,
}: Props) {
  const words = useWords();
  const { revoke } = words;
  const { nameOf } = useNames();
  const [chosenBelow, setBelow] = useState(everywhere);
  const [results, setResults] = useState<Results<Revocation>>(new Map());
  const full = useAllGrants(scope, collaborators);
  const below = chosenBelow ?? suggestsBelow(full.data ?? collaborators, scope);
  const plans = (full.data ?? collaborators).map((collaborator) => ({
    collaborator,
    preview: revocationPreview(collaborator, scope, below),
  }));
  const affected = plans
    .filter(({ preview }) => preview.removed.length > 0)
    .map(({ collaborator }) => collaborator);
  // The version shown before another user changed it.
  const [before, setBefore] = useState<Collaborator>();
  const revoking = useRevoking(scope, setResults, onRevoked ?? onClose);
  const submit = () =>
    revoking.mutate(
      { collaborators: affected, below },
      {
        onError: (error) => {
          if (asProblem(error).code !== "stale-version") return;
          setBefore(affected[0]);
          void full.refetch();
        },
      },
    );
  if (results.size > 0 && !revoking.isPending) {
    const left = affected.filter(({ id }) => !results.has(id));
    return (
      <RevocationResults collaborators={affected} results={results} onClose={onClose}>
        {revoking.error && (
          <ProblemNote
            error={revoking.error}
            onRetry={() => revoking.mutate({ collaborators: left, below })}
          />
        )}
      </RevocationResults>
    );
  }
  return (
    <Dialog
      title={leaving ? revoke.leaveTitle(nameOf(scope)) : revoke.title(collaborators.length)}
      onClose={onClose}
      busy={revoking.isPending}
      onSubmit={submit}
      foot={
        <>
          {full.data && <FreedSeats plans={plans} isWhole={full.isWhole} />}
          {revoking.error && <ProblemNote error={revoking.error} onRetry={submit} />}
          <DialogButtons onClose={onClose} busy={revoking.isPending}>
            <button
              type="submit"
              className="danger"
              disabled={!full.data || affected.length === 0 || revoking.isPending}
            >
              {leaving
                ? revoke.leave
                : affected.length > 0
                  ? revoke.button(affected.length)
                  : words.grid.revoke}
            </button>
          </DialogButtons>
        </>
      }
    >
      {hasBelow(scope) && (
        <fieldset>
          <legend>{revoke.where}</legend>
          {[false, true].map((option) => (
            <label key={String(option)} className="choice">
              <input type="radio" name="below" checked={below === option} onChange={() => setBelow(option)} />
              {option ? revoke.below(nameOf(scope)) : revoke.here(nameOf(scope))}
            </label>
          ))}
        </fieldset>
      )}
      <Loaded of={full}>
        {before && <StaleNote before={before} current={full.data?.[0]} />}
        <Plans scope={scope} plans={plans} isWhole={full.isWhole} onLeave={onClose} />
      </Loaded>
    </Dialog>
  );
}

/** Shows what another user changed since the dialog opened. */
function StaleNote({ before, current }: { before: Collaborator; current: Collaborator | undefined }) {
  const { conflict } = useDialogWords();
  return (
    <section className="note" role="alert">
      <p>
        <strong>{conflict.title}</strong>
      </p>
      <dl className="compare">
        <dt>{conflict.seen}</dt>
        <dd>
          <Grants grants={before.grants} />
        </dd>
        <dt>{conflict.current}</dt>
        <dd className="now">{current ? <Grants grants={current.grants} /> : conflict.gone}</dd>
      </dl>
    </section>
  );
}

interface PlansProps {
  scope: string;
  plans: Plan[];
  /** Whether the grants are all those of the client, not only those seen from the scope. */
  isWhole: boolean;
  onLeave: () => void;
}

/** The removed and remaining grants of each collaborator. */
function Plans({ scope, plans, isWhole, onLeave }: PlansProps) {
  const { revoke, grid, history } = useWords();
  return (
    <Table label={revoke.removed} columns={[grid.person, revoke.removed, revoke.remaining]}>
      {plans.map(({ collaborator, preview: { removed, remaining, isOwner } }) => (
        <tr key={collaborator.id}>
          <th scope="row">{displayName(collaborator)}</th>
          <td>
            {isOwner && revoke.owner}
            {!isOwner && removed.length === 0 && (
              <NothingRemoved scope={scope} collaborator={collaborator} onLeave={onLeave} />
            )}
            <Grants grants={removed} />
          </td>
          <td>
            {remaining.length > 0 && <Grants grants={remaining} />}
            {remaining.length === 0 && (isWhole ? history.nothing : revoke.nothingHere)}
          </td>
        </tr>
      ))}
    </Table>
  );
}

interface NothingProps {
  scope: string;
  collaborator: Collaborator;
  onLeave: () => void;
}

/** Why nothing is removed, and where the access can be removed instead. */
function NothingRemoved({ scope, collaborator, onLeave }: NothingProps) {
  const { revoke } = useWords();
  const { nameOf, access } = useNames();
  const { above, below } = grantsElsewhere(collaborator, scope);
  const mayManage = (at: string) => permissionsAt(access, at).has("access:manage");
  return (
    <>
      {below.length > 0 && <p>{revoke.onlyBelow(revoke.below(nameOf(scope)))}</p>}
      {above.map((grant) => (
        <p key={grant.scope}>
          {revoke.fromAbove(nameOf(grant.scope))}{" "}
          {mayManage(grant.scope) && (
            <Link href={`/scopes/${grant.scope}`} onClick={onLeave}>
              {revoke.openAbove(nameOf(grant.scope))}
            </Link>
          )}
        </p>
      ))}
    </>
  );
}

function Grants({ grants }: { grants: Grant[] }) {
  return (
    <ul className="plain-list">
      {grants.map((grant) => (
        <li key={grant.scope}>
          <GrantLabel grant={grant} />
        </li>
      ))}
    </ul>
  );
}

/** How many seats are freed: exact if all grants are known, else an upper bound. */
function FreedSeats({ plans, isWhole }: { plans: Plan[]; isWhole: boolean }) {
  const { revoke } = useWords();
  // Others have no seat (docs/domain.md#rule-6).
  const seated = plans.filter(({ collaborator: { status } }) => status === "active" || status === "pending");
  const freed = seated.filter(
    ({ preview }) => preview.removed.length > 0 && preview.remaining.length === 0,
  ).length;
  const isExact = freed === 0 || isWhole;
  return <p>{isExact ? revoke.frees(freed) : revoke.freesUpTo(freed)}</p>;
}

interface ResultsProps {
  collaborators: Collaborator[];
  results: Results<Revocation>;
  onClose: () => void;
  /** The problem that stopped the rest, if any. */
  children: ReactNode;
}

function RevocationResults({ results, ...rest }: ResultsProps) {
  const { revoke } = useWords();
  const done = [...results.values()].filter((result) => !(result instanceof Problem)) as Revocation[];
  const freed = done.filter(({ seatReleased }) => seatReleased).length;
  return (
    <ResultsDialog
      title={revoke.result}
      summary={revoke.summary(done.length, freed)}
      results={results}
      done={({ seatReleased }) => `${revoke.done}${seatReleased ? `, ${revoke.freed}` : ""}`}
      {...rest}
    />
  );
}

/** Revokes one collaborator, by the version shown, or several in batches with one result each. */
function useRevoking(scope: string, onResults: OnResults<Revocation>, onRevoked: () => void) {
  const queries = useQueryClient();
  const toast = useToast();
  const keys = useKeys();
  const { revoke } = useWords();
  const keeper = useKeeper();
  return useMutation({
    mutationFn: async ({ collaborators, below }: { collaborators: Collaborator[]; below: boolean }) => {
      const [only, ...others] = collaborators;
      if (only && others.length === 0) {
        const one = await revokeOne(scope, only, below);
        keeper.removed([only.id]);
        return one;
      }
      for (const batch of batches(collaborators, BATCH)) {
        const results = await revokeBatch(scope, batch, below, keys);
        onResults((before) => new Map([...before, ...results]));
        keeper.removed(results.filter(([, result]) => !(result instanceof Problem)).map(([id]) => id));
      }
      return undefined;
    },
    onSuccess: (one) => {
      if (!one) return;
      toast(revoke.summary(1, one.seatReleased ? 1 : 0));
      onRevoked();
    },
    onSettled: (_one, _error, { collaborators }) =>
      invalidateClient(
        queries,
        scope,
        collaborators.map(({ id }) => id),
      ),
  });
}

async function revokeOne(scope: string, { id, version }: Collaborator, below: boolean): Promise<Revocation> {
  const params = { path: { scope, id }, query: { below }, header: { "If-Match": entityTag(version) } };
  return data(api.DELETE("/v1/scopes/{scope}/collaborators/{id}", { params }));
}

async function revokeBatch(
  scope: string,
  collaborators: Collaborator[],
  below: boolean,
  keys: Keys,
): Promise<[string, Result][]> {
  const body = { ids: collaborators.map(({ id }) => id), below };
  const params = { path: { scope }, header: { "Idempotency-Key": keys.of(body) } };
  const { results } = await data(api.POST("/v1/scopes/{scope}/revocations", { params, body }));
  return results.map((result) => {
    const id = collaborators[result.index]?.id ?? "";
    return [id, outcome(result, "revocation")];
  });
}
