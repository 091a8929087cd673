import { type ReactNode, useState } from "react";
import { Link } from "wouter";
import type { Collaborator } from "../api/client";
import { asProblem } from "../api/problem";
import { useReordering, useWaitingList } from "../api/seats";
import { type Act, useMay } from "../grid/actions";
import { ActDialog } from "../grid/dialogs";
import { actorName, displayName } from "../ui/display-name";
import { Icon } from "../ui/icon";
import { ProblemNote } from "../ui/problem";
import { Loaded } from "../ui/state";
import { useToast } from "../ui/toast";
import { useDates, useWords } from "../words/provider";
import { useWaitingWords } from "./waiting-words";

/** The people who wait for a seat of a client, the next one first. */
export function WaitingList({ client }: { client: string }) {
  const words = useWaitingWords();
  const found = useWaitingList(client);
  const reordering = useReordering(client);
  const toast = useToast();
  const [act, setAct] = useState<Act>();
  const { waiting = [], version = 0 } = found.data ?? {};
  const move = (from: number, to: number) => {
    const person = waiting[from];
    // The next move needs the version that this one makes.
    if (!person || from === to || !waiting[to] || reordering.isPending) return;
    const ids = waiting.map(({ id }) => id);
    reordering.mutate(
      { ids: ids.toSpliced(from, 1).toSpliced(to, 0, person.id), version },
      { onSuccess: () => toast(words.moved(displayName(person), to + 1)) },
    );
  };
  const isStale = reordering.error && asProblem(reordering.error).code === "stale-version";
  return (
    <section>
      <h2>{words.title}</h2>
      <p>{words.lead}</p>
      {isStale && (
        <p className="note" role="alert">
          {words.stale}
        </p>
      )}
      {reordering.error && !isStale && <ProblemNote error={reordering.error} />}
      <Loaded of={found}>
        <ol className="plain-list people-choice waiting-list">
          {waiting.map((person, at) => (
            <Row
              key={person.id}
              client={client}
              person={person}
              at={at}
              last={waiting.length - 1}
              onMove={(to) => move(at, to)}
              onRemove={() => setAct({ do: "revoke", people: [person], scope: client, everywhere: true })}
            />
          ))}
        </ol>
      </Loaded>
      <ActDialog scope={client} act={act} onClose={() => setAct(undefined)} />
    </section>
  );
}

interface RowProps {
  client: string;
  person: Collaborator;
  at: number;
  last: number;
  onMove: (to: number) => void;
  onRemove: () => void;
}

/** A person who waits, since when and for whom, and how to move or remove them. */
function Row({ client, person, at, last, onMove, onRemove }: RowProps) {
  const all = useWords();
  const words = useWaitingWords();
  const dates = useDates();
  const may = useMay();
  const who = displayName(person);
  // The list does not say since when; the first grant was given when they entered it.
  const [first] = person.grants.toSorted((one, other) => one.grantedAt.localeCompare(other.grantedAt));
  return (
    <li>
      <strong>{at + 1}</strong>
      <div>
        <Link href={`/scopes/${client}/people/${person.id}`}>
          <bdi>{person.name ?? person.email}</bdi>
        </Link>
        {person.name && <span className="hint">{person.email}</span>}
        {first && (
          <span className="hint">
            {words.since(actorName(first.grantedBy, all), dates.day(first.grantedAt))}
          </span>
        )}
      </div>
      {may.manages(client) && (
        <div className="buttons">
          <MoveButton label={words.toTop(who)} isOff={at === 0} onMove={() => onMove(0)}>
            {words.top}
          </MoveButton>
          <MoveButton label={words.up(who)} isOff={at === 0} onMove={() => onMove(at - 1)}>
            <Icon of="up" />
          </MoveButton>
          <MoveButton label={words.down(who)} isOff={at === last} onMove={() => onMove(at + 1)}>
            <Icon of="down" />
          </MoveButton>
          {may.handle(person, client) && (
            <button
              type="button"
              className="quiet"
              aria-label={words.remove(who)}
              title={words.remove(who)}
              onClick={onRemove}
            >
              <Icon of="bin" />
            </button>
          )}
        </div>
      )}
    </li>
  );
}

interface MoveProps {
  label: string;
  /** Whether there is nowhere to move to. The button keeps the focus, so that a person can be moved on with the keyboard. */
  isOff: boolean;
  onMove: () => void;
  children: ReactNode;
}

function MoveButton({ label, isOff, onMove, children }: MoveProps) {
  return (
    <button
      type="button"
      className="quiet"
      aria-label={label}
      title={label}
      aria-disabled={isOff}
      onClick={() => isOff || onMove()}
    >
      {children}
    </button>
  );
}
