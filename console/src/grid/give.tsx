import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { batches } from "../api/batch";
import { api, type Collaborator, data, type GivenRole } from "../api/client";
import { type Keys, useKeys } from "../api/key";
import { useNames } from "../api/names";
import { asProblem, outcome, Problem } from "../api/problem";
import { invalidateClient } from "../api/queries";
import { useRoles } from "../api/roles";
import { clientOf, hasBelow, isBelow, permissionsAt, type ScopeLabel } from "../api/scopes";
import { Dialog, DialogButtons } from "../ui/dialog";
import { displayName } from "../ui/display-name";
import { problemLine } from "../ui/problem";
import { SEARCHED, SearchBox } from "../ui/search-box";
import { useToast } from "../ui/toast";
import { matcher } from "../words/folded";
import { useWords } from "../words/provider";
import { useDialogWords } from "./dialog-words";
import { EndField, endFault } from "./end-field";
import { changedEnd, type EndChange } from "./ends";
import { OutlivesField } from "./outlives-field";
import { defaultRole, RoleFields } from "./role-fields";

/** The most invitations in one request. */
const BATCH = 50;

/** Who gets a role on which scope. */
export type Gifts = ReadonlyMap<string, readonly Collaborator[]>;

interface Props {
  scope: string;
  people: Collaborator[];
  /** The scopes and people that were chosen before the dialog opened, in place of a choice of scopes for everyone. */
  gifts?: Gifts | undefined;
  onClose: () => void;
}

/** The result for one person at one scope. */
interface Result {
  person: Collaborator;
  scope: string;
  problem: Problem | undefined;
}

/** Gives several people a role on several scopes of the client. */
export function GiveDialog({ scope, people, gifts, onClose }: Props) {
  const words = useWords();
  const { give } = useDialogWords();
  const { access, scopes, nameOf } = useNames();
  const client = clientOf(scope);
  const targets = scopes.filter(
    ({ id }) => (id === client || isBelow(id, client)) && permissionsAt(access, id).has("access:manage"),
  );
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  // Custom roles are for one event, and need rights.
  const roles = useRoles(scope).filter((role) => role !== "custom");
  const [chosenRole, setRole] = useState<GivenRole>();
  const role = chosenRole ?? defaultRole(roles);
  const [end, setEnd] = useState<EndChange | undefined>({ to: "none" });
  const [outlivesEvent, setOutlives] = useState(false);
  const [error, setError] = useState<string>();
  const giving = useGiving(scope, onClose);
  const given: Gifts = gifts ?? new Map([...chosen].map((id) => [id, people]));
  const event = [...given.keys()].find(isEvent);
  const fault = endFault(end);
  const submit = () => {
    if (given.size === 0) return setError(give.nothing);
    if (fault) return setError(words.ends[fault]);
    setError(undefined);
    const expiresAt = end ? (changedEnd(end, null) ?? null) : null;
    return giving.mutate({ gifts: given, role, expiresAt, outlivesEvent });
  };
  const failed = giving.data?.filter(({ problem }) => problem) ?? [];
  const retry = () => {
    if (!giving.variables) return;
    const scopes = [...new Set(failed.map(({ scope }) => scope))];
    const gifts = new Map(
      scopes.map((at) => [at, failed.filter(({ scope }) => scope === at).map(({ person }) => person)]),
    );
    giving.mutate({ ...giving.variables, gifts });
  };
  if (giving.data && failed.length > 0) {
    return (
      <Dialog
        title={give.result}
        onClose={onClose}
        size="small"
        foot={
          <DialogButtons onClose={onClose} busy={giving.isPending} close={words.close}>
            <button type="button" disabled={giving.isPending} onClick={retry}>
              {words.retry}
            </button>
          </DialogButtons>
        }
      >
        <p role="status">{give.summary(giving.data.length - failed.length, failed.length)}</p>
        <ul className="plain-list">
          {failed.map(({ person, scope, problem }) => (
            <li key={`${person.id} ${scope}`}>
              <strong>{displayName(person)}</strong> · {nameOf(scope)} –{" "}
              <span className="error">{problemLine(problem, words)}</span>
            </li>
          ))}
        </ul>
      </Dialog>
    );
  }
  return (
    <Dialog
      title={give.title(people.length === 1 && people[0] ? displayName(people[0]) : people.length)}
      onClose={onClose}
      busy={giving.isPending}
      onSubmit={submit}
      foot={
        <>
          {error && (
            <p className="error" role="alert">
              {error}
            </p>
          )}
          <DialogButtons onClose={onClose} busy={giving.isPending}>
            <button type="submit" disabled={giving.isPending}>
              {give.button([...given.values()].flat().length)}
            </button>
          </DialogButtons>
        </>
      }
    >
      {!gifts && <ScopeChoice scopes={targets} chosen={chosen} onChoose={setChosen} />}
      <RoleFields
        roles={roles}
        choice={{ role, permissions: new Set() }}
        onChoice={(choice) => setRole(choice.role)}
      />
      <EndField value={end} onChange={setEnd} error={error && fault ? words.ends[fault] : undefined} />
      {event && <OutlivesField scope={event} value={outlivesEvent} onChange={setOutlives} />}
    </Dialog>
  );
}

const isEvent = (scope: string) => !hasBelow(scope);

interface ChoiceProps {
  scopes: readonly ScopeLabel[];
  chosen: ReadonlySet<string>;
  onChoose: (chosen: ReadonlySet<string>) => void;
}

/** Check boxes of scopes, with a search if there are many. */
function ScopeChoice({ scopes, chosen, onChoose }: ChoiceProps) {
  const { levels } = useWords();
  const { give } = useDialogWords();
  const [q, setQ] = useState("");
  const matches = matcher(q);
  const shown = scopes.filter(({ id, name }) => chosen.has(id) || matches(name));
  const toggle = (id: string) => {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    onChoose(next);
  };
  return (
    <fieldset>
      <legend>{give.where}</legend>
      {scopes.length >= SEARCHED && <SearchBox label={give.search} value={q} onChange={setQ} />}
      <div className="scope-choice">
        {shown.map(({ id, name, level }) => (
          <label key={id} className="check">
            <input type="checkbox" checked={chosen.has(id)} onChange={() => toggle(id)} />
            <span>
              <bdi>{name}</bdi> {level !== "event" && <span className="hint">{levels[level]}</span>}
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

interface Gift {
  gifts: Gifts;
  role: GivenRole;
  expiresAt: string | null;
  /** On events only. */
  outlivesEvent: boolean;
}

/** Gives the role at each scope, in batches. A retry sends the same keys, so nothing is done twice. */
function useGiving(scope: string, onClose: () => void) {
  const queries = useQueryClient();
  const toast = useToast();
  const keys = useKeys();
  const { give } = useDialogWords();
  return useMutation({
    mutationFn: async ({ gifts, ...gift }: Gift) => {
      const results: Result[] = [];
      for (const [at, people] of gifts) {
        for (const batch of batches(people, BATCH)) results.push(...(await send(at, batch, gift, keys)));
      }
      return results;
    },
    onSuccess: (results) => {
      if (results.some(({ problem }) => problem)) return;
      toast(give.done(results.length));
      onClose();
    },
    onSettled: () => invalidateClient(queries, scope),
  });
}

async function send(
  scope: string,
  people: Collaborator[],
  { role, expiresAt, outlivesEvent }: Omit<Gift, "gifts">,
  keys: Keys,
): Promise<Result[]> {
  const lasting = {
    ...(expiresAt ? { expiresAt } : {}),
    ...(outlivesEvent && isEvent(scope) ? { outlivesEvent } : {}),
  };
  const invitations = people.map(({ email }) => ({ email, role, ...lasting }));
  const body = { invitations };
  const params = { path: { scope }, header: { "Idempotency-Key": keys.of([scope, body]) } };
  try {
    const response = await data(api.POST("/v1/scopes/{scope}/collaborators", { params, body }));
    if (!("results" in response)) throw new Error("expected a batch response");
    return people.map((person, index) => {
      const result = response.results.find((each) => each.index === index);
      const invited = result && outcome(result, "collaborator");
      return { person, scope, problem: invited instanceof Problem ? invited : undefined };
    });
  } catch (error) {
    const problem = asProblem(error);
    return people.map((person) => ({ person, scope, problem }));
  }
}
