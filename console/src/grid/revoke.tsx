import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { batches, type OnResults, type Results } from "../api/batch";
import { api, type Collaborator, data, entityTag, type Revocation } from "../api/client";
import { type Keys, useKeys } from "../api/key";
import { useNames } from "../api/names";
import { asProblem, Problem } from "../api/problem";
import { changed } from "../api/queries";
import { clientOf, LEVELS, lineage } from "../api/scopes";
import { Dialog, DialogButtons } from "../ui/dialog";
import { called } from "../ui/person";
import { ProblemNote, toldInLine } from "../ui/problem";
import { Loaded } from "../ui/state";
import { Table } from "../ui/table";
import { useToast } from "../ui/toast";
import { useWords } from "../words/provider";
import { useFull } from "./full";
import { GrantLabel } from "./grant-label";
import { type Taking, taking } from "./grants";

/** How many revocations one request takes. */
const BATCH = 100;

interface Props {
  scope: string;
  people: Collaborator[];
  onClose: () => void;
  /** What to do once something was taken, if not just to close. */
  onTaken?: () => void;
  /** Whether it is oneself, who gives it back. */
  leaving?: boolean;
}

/** What is to be done with one person. */
interface Plan {
  person: Collaborator;
  plan: Taking;
}

/** What became of one person. */
type Result = Revocation | Problem;

/** The bin: takes access back, and says before it does what goes, what remains and how many seats that frees. */
export function RevokeDialog({ scope, people, onClose, onTaken, leaving = false }: Props) {
  const words = useWords();
  const { revoke } = words;
  const { nameOf } = useNames();
  const [below, setBelow] = useState(false);
  const [results, setResults] = useState<Results<Revocation>>(new Map());
  const full = useFull(scope, people);
  const plans = (full.data ?? people).map((person) => ({ person, plan: taking(person, scope, below) }));
  const concerned = plans.filter(({ plan }) => plan.goes.length > 0).map(({ person }) => person);
  // What had been shown when somebody else changed it meanwhile.
  const [before, setBefore] = useState<Collaborator>();
  const taken = useTaking(scope, setResults, onTaken ?? onClose);
  const take = () =>
    taken.mutate(
      { people: concerned, below },
      {
        onError: (error) => {
          if (asProblem(error).code !== "stale-version") return;
          setBefore(concerned[0]);
          void full.refetch();
        },
      },
    );
  if (results.size > 0 && !taken.isPending) {
    const left = concerned.filter(({ id }) => !results.has(id));
    return (
      <Outcome people={concerned} results={results} onClose={onClose}>
        {taken.error && (
          <ProblemNote error={taken.error} onRetry={() => taken.mutate({ people: left, below })} />
        )}
      </Outcome>
    );
  }
  return (
    <Dialog
      title={leaving ? revoke.leaveTitle(nameOf(scope)) : revoke.title(people.length)}
      onClose={onClose}
      busy={taken.isPending}
    >
      {lineage(scope).length < LEVELS && (
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
        {before && <Changed before={before} now={full.data?.[0]} />}
        <Plans plans={plans} />
        <Frees scope={scope} plans={plans} />
        {taken.error && <ProblemNote error={taken.error} onRetry={take} />}
        <DialogButtons onClose={onClose} busy={taken.isPending}>
          <button
            type="button"
            className="danger"
            disabled={concerned.length === 0 || taken.isPending}
            onClick={take}
          >
            {leaving ? revoke.leave : revoke.confirm(concerned.length)}
          </button>
        </DialogButtons>
      </Loaded>
    </Dialog>
  );
}

/** What had been shown and what counts now, where somebody else was faster. */
function Changed({ before, now }: { before: Collaborator; now: Collaborator | undefined }) {
  const { conflict } = useWords();
  return (
    <section className="note" role="alert">
      <p>
        <strong>{conflict.title}</strong>
      </p>
      <dl className="compare">
        <dt>{conflict.read}</dt>
        <dd>
          <Grants grants={before.grants} />
        </dd>
        <dt>{conflict.now}</dt>
        <dd className="now">{now ? <Grants grants={now.grants} /> : conflict.gone}</dd>
      </dl>
    </section>
  );
}

/** Person by person: what goes and what remains. */
function Plans({ plans }: { plans: Plan[] }) {
  const { revoke } = useWords();
  return (
    <Table label={revoke.goes} columns={[revoke.person, revoke.goes, revoke.remains]}>
      {plans.map(({ person, plan }) => (
        <tr key={person.id}>
          <th scope="row">{called(person)}</th>
          <td>
            {plan.owns && revoke.owner}
            {!plan.owns && plan.goes.length === 0 && `${revoke.nothingGoes}. ${revoke.inheritedOnly}`}
            <Grants grants={plan.goes} />
          </td>
          <td>{plan.remains.length === 0 ? revoke.nothing : <Grants grants={plan.remains} />}</td>
        </tr>
      ))}
    </Table>
  );
}

function Grants({ grants }: { grants: Taking["goes"] }) {
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

/** How many seats that frees: from the client all is seen, from further down there may be more elsewhere. */
function Frees({ scope, plans }: { scope: string; plans: Plan[] }) {
  const { revoke } = useWords();
  // Whoever has expired holds none any more (domain rule 6).
  const seated = plans.filter(({ person }) => person.status !== "expired");
  const freed = seated.filter(({ plan }) => plan.goes.length > 0 && plan.remains.length === 0).length;
  return <p>{scope === clientOf(scope) ? revoke.frees(freed) : revoke.freesUpTo(freed)}</p>;
}

interface OutcomeProps {
  people: Collaborator[];
  results: Results<Revocation>;
  onClose: () => void;
  /** Why the rest was not done, if so. */
  children: ReactNode;
}

function Outcome({ people, results, onClose, children }: OutcomeProps) {
  const words = useWords();
  const { revoke } = words;
  const done = [...results.values()].filter((result) => !(result instanceof Problem)) as Revocation[];
  const line = (result: Result | undefined) => {
    if (!result) return null;
    if (result instanceof Problem) return <span className="error">{toldInLine(result, words)}</span>;
    return `${revoke.done}${result.seatReleased ? `, ${revoke.freed}` : ""}`;
  };
  return (
    <Dialog title={revoke.result} onClose={onClose}>
      <p role="status">
        {revoke.summary(done.length, done.filter(({ seatReleased }) => seatReleased).length)}
      </p>
      <ul className="plain-list">
        {people.map((person) => (
          <li key={person.id}>
            <strong>{called(person)}</strong> – {line(results.get(person.id))}
          </li>
        ))}
      </ul>
      {children}
      <div className="buttons">
        <button type="button" onClick={onClose}>
          {words.close}
        </button>
      </div>
    </Dialog>
  );
}

/** Takes it: from one person by the version that was shown, from several in batches with a result each. */
function useTaking(scope: string, onResults: OnResults<Revocation>, onTaken: () => void) {
  const queries = useQueryClient();
  const toast = useToast();
  const keys = useKeys();
  const { revoke } = useWords();
  return useMutation({
    mutationFn: async ({ people, below }: { people: Collaborator[]; below: boolean }) => {
      const [only, ...others] = people;
      if (only && others.length === 0) return takeOne(scope, only, below);
      for (const batch of batches(people, BATCH)) {
        const results = await takeBatch(scope, batch, below, keys);
        onResults((before) => new Map([...before, ...results]));
      }
      return undefined;
    },
    onSuccess: (one) => {
      if (!one) return;
      toast(revoke.summary(1, one.seatReleased ? 1 : 0));
      onTaken();
    },
    onSettled: () => changed(queries, scope),
  });
}

async function takeOne(scope: string, person: Collaborator, below: boolean): Promise<Revocation> {
  const path = { scope, id: person.id };
  const params = { path, query: { below }, header: { "If-Match": entityTag(person.version) } };
  return data(api.DELETE("/v1/scopes/{scope}/collaborators/{id}", { params }));
}

async function takeBatch(
  scope: string,
  people: Collaborator[],
  below: boolean,
  keys: Keys,
): Promise<[string, Result][]> {
  const body = { ids: people.map(({ id }) => id), below };
  const params = { path: { scope }, header: { "Idempotency-Key": keys.of(body) } };
  const { results } = await data(api.POST("/v1/scopes/{scope}/revocations", { params, body }));
  return results.map((result) => {
    const id = people[result.index]?.id ?? "";
    return [id, "problem" in result ? new Problem(result.problem.code, result.problem) : result.revocation];
  });
}
