import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { Collaborator, GivenRole, Scope } from "../api/client";
import { useKeys } from "../api/key";
import { useNames } from "../api/names";
import { invalidateClient } from "../api/queries";
import { useRoles, useRoleWords } from "../api/roles";
import { clientOf, isBelow, permissionsAt, type ScopeLabel } from "../api/scopes";
import { displayName } from "../ui/display-name";
import { Empty } from "../ui/empty";
import { describeProblem, ProblemNote } from "../ui/problem";
import { SelectField } from "../ui/select-field";
import { Loaded } from "../ui/state";
import { useToast } from "../ui/toast";
import { useWords } from "../words/provider";
import { type Copied, copyTeam, invitationsOf, inviteChanged, previewOf } from "./copying";
import { useEventWords } from "./words";

/** The events of the client whose team the user may bring over: those with the same kind, the latest first. */
function useSources(scope: Scope): ScopeLabel[] {
  const { scopes, access } = useNames();
  const client = clientOf(scope.id);
  const others = scopes.filter(
    ({ id, level }) =>
      isBelow(id, client) &&
      level === scope.level &&
      id !== scope.id &&
      permissionsAt(access, id).has("access:view"),
  );
  const start = ({ startsAt, endsAt }: ScopeLabel) => Date.parse(startsAt ?? endsAt ?? "") || 0;
  return others.sort((one, other) => start(other) - start(one) || one.name.localeCompare(other.name));
}

/** Gives the team of another event access to this one. */
export function CopySection({ scope }: { scope: Scope }) {
  const words = useEventWords();
  const sources = useSources(scope);
  const [from, setFrom] = useState("");
  const source = sources.find(({ id }) => id === from);
  return (
    <section>
      <h2>{words.copy}</h2>
      {sources.length === 0 ? (
        <p className="hint">{words.noOther}</p>
      ) : (
        <>
          <p>{words.copyLead}</p>
          <SelectField
            label={words.from}
            value={from}
            options={[["", words.choose], ...sources.map(({ id, name }): [string, string] => [id, name])]}
            onChange={setFrom}
          />
          {source && <Team key={source.id} scope={scope} source={source} onDone={() => setFrom("")} />}
        </>
      )}
    </section>
  );
}

interface TeamProps {
  scope: Scope;
  source: ScopeLabel;
  onDone: () => void;
}

/** Whether access to the source has ended, so that its team is the one of then. */
const hasEnded = ({ accessEndsAt, endsAt, archivedAt }: ScopeLabel) => {
  const end = archivedAt ?? accessEndsAt ?? endsAt;
  return Boolean(end && Date.parse(end) <= Date.now());
};

/** The team as it would get access, to be corrected before it does. */
function Team({ scope, source, onDone }: TeamProps) {
  const words = useEventWords();
  const all = useWords();
  const queries = useQueryClient();
  const toast = useToast();
  const keys = useKeys();
  const asOf = hasEnded(source) ? ("end" as const) : ("now" as const);
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const [roles, setRoles] = useState<ReadonlyMap<string, GivenRole>>(new Map());
  const [refused, setRefused] = useState<Copied[]>([]);
  const [waits, setWaits] = useState(false);
  const ifFull = waits ? ({ ifFull: "wait" } as const) : {};
  const preview = useQuery({
    queryKey: ["copy preview", { to: scope.id, from: source.id, asOf, waits }],
    queryFn: () => previewOf(scope.id, { from: source.id, asOf, ...ifFull }),
    // The box that was ticked stays where it is.
    placeholderData: (previous) => previous,
    gcTime: 0,
  });
  const team = preview.data?.team ?? [];
  const isFull = team.some(({ problem }) => problem?.code === "seat-limit-reached");
  const chosen = team.filter(({ person }) => person && !left.has(person.id));
  const copying = useMutation({
    mutationFn: async () => {
      const same = chosen.filter(({ person }) => person && !roles.has(person.id));
      const ids = same.flatMap(({ person }) => (person ? [person.id] : []));
      const body = { from: source.id, asOf, collaborators: ids, ...ifFull };
      const copied = ids.length > 0 ? await copyTeam(scope.id, body, keys.of(body)) : [];
      const changed = invitationsOf(chosen, roles).map((one) => ({ ...one, ...ifFull }));
      const invited = await inviteChanged(scope.id, changed, (some) => keys.of(some));
      return [...copied, ...invited];
    },
    onSuccess: (done) => {
      const without = done.filter(({ problem }) => problem);
      setRefused(without);
      const waiting = done.filter(({ person }) => person?.status === "waiting").length;
      toast(words.done(done.length - without.length - waiting, waiting));
      if (without.length === 0) onDone();
    },
    onSettled: () => {
      invalidateClient(queries, scope.id);
      void preview.refetch();
    },
  });
  const toggle = (id: string) =>
    setLeft((before) => {
      const after = new Set(before);
      if (!after.delete(id)) after.add(id);
      return after;
    });
  return (
    <Loaded of={preview} lines={4}>
      {asOf === "end" && <p className="hint">{words.atEnd}</p>}
      {team.length === 0 && <Empty icon="people" title={words.none} />}
      <ul className="plain-list people-choice">
        {team.map((one) => (
          <Row
            key={one.email}
            scope={scope}
            one={one}
            isLeft={left.has(one.person?.id ?? "")}
            role={roles.get(one.person?.id ?? "")}
            onToggle={toggle}
            onRole={(id, role) => setRoles((before) => new Map(before).set(id, role))}
          />
        ))}
      </ul>
      {(isFull || waits) && (
        <label className="check">
          <input type="checkbox" checked={waits} onChange={(event) => setWaits(event.target.checked)} />
          <span>
            {words.wait} <span className="hint">{words.waitHelp}</span>
          </span>
        </label>
      )}
      {preview.data?.seats && <p>{words.seats(preview.data.seats.before, preview.data.seats.after)}</p>}
      {team.length > 0 && <p className="hint">{words.mails}</p>}
      {copying.error && <ProblemNote error={copying.error} onRetry={() => copying.mutate()} />}
      {refused.length > 0 && (
        <div className="note problem" role="alert">
          <p>{words.refused(refused.length)}</p>
          <ul>
            {refused.map(({ email, problem }) => (
              <li key={email}>
                <bdi>{email}</bdi>
                {all.colon}
                {problem && describeProblem(problem, all).detail}
              </li>
            ))}
          </ul>
        </div>
      )}
      {team.length > 0 && (
        <p className="buttons">
          <button
            type="button"
            disabled={chosen.length === 0 || copying.isPending}
            onClick={() => copying.mutate()}
          >
            {words.takes(chosen.length)}
          </button>
        </p>
      )}
    </Loaded>
  );
}

interface RowProps {
  scope: Scope;
  one: Copied;
  isLeft: boolean;
  role: GivenRole | undefined;
  onToggle: (id: string) => void;
  onRole: (id: string, role: GivenRole) => void;
}

/** One person: whether they come, and as what. Those who cannot come are shown with the reason. */
function Row({ scope, one, isLeft, role, onToggle, onRole }: RowProps) {
  const words = useEventWords();
  const all = useWords();
  const { roleName } = useRoleWords();
  const offered = useRoles(scope.id);
  const { person, problem } = one;
  if (!person) {
    return (
      <li>
        <input type="checkbox" disabled aria-label={one.email} />
        <span>
          <bdi>{one.email}</bdi>
          <span className="hint">{problem && describeProblem(problem, all).title}</span>
        </span>
      </li>
    );
  }
  const given = role ?? roleGiven(person, scope.id);
  const options = [...new Set([given, ...offered])].map((each): [GivenRole, string] => [
    each,
    roleName(each),
  ]);
  return (
    <li>
      <input
        type="checkbox"
        id={`copy-${person.id}`}
        checked={!isLeft}
        onChange={() => onToggle(person.id)}
      />
      <label htmlFor={`copy-${person.id}`}>
        <bdi>{displayName(person)}</bdi>
        {person.name && <span className="hint">{person.email}</span>}
        {person.status === "waiting" && <span className="hint">{all.statuses.waiting}</span>}
      </label>
      {given === "custom" ? (
        <span>{roleName(given)}</span>
      ) : (
        <SelectField
          bare
          label={words.roleOf(displayName(person))}
          value={given}
          options={options.filter(([each]) => each !== "custom")}
          onChange={(next) => onRole(person.id, next)}
        />
      )}
    </li>
  );
}

/** The role that a person would get here. */
const roleGiven = (person: Collaborator, scope: string): GivenRole =>
  (person.grants.find((grant) => grant.scope === scope)?.role ?? "reader") as GivenRole;
