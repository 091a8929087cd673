import { useState } from "react";
import { Link } from "wouter";
import type { Collaborator } from "../api/client";
import { useNames } from "../api/names";
import { useCollaborators } from "../api/queries";
import { useRoleWords } from "../api/roles";
import { isBelow, lineage, type ScopeLabel } from "../api/scopes";
import { type Act, useMay } from "../grid/actions";
import { ActDialog } from "../grid/dialogs";
import { SearchField } from "../grid/filters";
import { directGrant, hasEnded } from "../grid/grants";
import { displayName } from "../ui/display-name";
import { Empty } from "../ui/empty";
import { Icon } from "../ui/icon";
import { Loaded } from "../ui/state";
import { Title } from "../ui/title";
import { matcher } from "../words/folded";
import { useWords } from "../words/provider";

/** A cell that the user chose: a person and a scope where they get a role. */
const cellOf = (person: Collaborator, scope: string) => `${person.id} ${scope}`;

/** The people of a client and their roles on each event. A click on a role changes it, one on an empty cell adds it. */
export function MatrixPage({ scope }: { scope: string }) {
  const { matrix, grid, more } = useWords();
  const { nameOf, scopes } = useNames();
  const [people, setPeople] = useState("");
  const [events, setEvents] = useState("");
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [act, setAct] = useState<Act>();
  const found = useCollaborators(scope, { below: true, ...(people ? { q: people } : {}) });
  const rows = found.data?.pages.flatMap((page) => page.collaborators) ?? [];
  const matches = matcher(events);
  const columns = scopes.filter(
    ({ id, level, name }) => isBelow(id, scope) && level !== "audience" && matches(name),
  );
  const gifts = new Map(
    columns
      // A cell that got its role is no longer chosen.
      .map(
        ({ id }) =>
          [id, rows.filter((person) => chosen.has(cellOf(person, id)) && !directGrant(person, id))] as const,
      )
      .filter(([, to]) => to.length > 0),
  );
  const toggle = (cells: readonly string[]) => {
    const isAll = cells.every((cell) => chosen.has(cell));
    const next = new Set([...chosen].filter((cell) => !cells.includes(cell)));
    if (!isAll) for (const cell of cells) next.add(cell);
    setChosen(next);
  };
  const receivers = [...gifts.values()].flat();
  const count = receivers.length;
  return (
    <>
      <Title>{matrix.title(nameOf(scope))}</Title>
      <p className="hint">{matrix.lead}</p>
      <search className="filters">
        <SearchField label={grid.search} q={people} onSearch={setPeople} />
        <SearchField label={matrix.search} q={events} onSearch={setEvents} />
      </search>
      <Loaded of={found} lines={8}>
        {columns.length === 0 || rows.length === 0 ? (
          <Empty icon="matrix" title={grid.none} />
        ) : (
          <Cells
            scope={scope}
            rows={rows}
            columns={columns}
            chosen={chosen}
            onToggle={toggle}
            onAct={setAct}
          />
        )}
        {found.hasNextPage && (
          <button
            type="button"
            className="plain"
            disabled={found.isFetching}
            onClick={() => found.fetchNextPage()}
          >
            {more}
          </button>
        )}
      </Loaded>
      {count > 0 && (
        <div className="bulk" role="toolbar" aria-label={matrix.chosen(count)}>
          <strong role="status">{matrix.chosen(count)}</strong>
          <div className="buttons">
            <button
              type="button"
              onClick={() => setAct({ do: "give", people: [...new Set(receivers)], gifts })}
            >
              <Icon of="plus" /> {matrix.give}
            </button>
            <button
              type="button"
              className="quiet"
              aria-label={grid.unselect}
              onClick={() => setChosen(new Set())}
            >
              <Icon of="cross" />
            </button>
          </div>
        </div>
      )}
      <ActDialog scope={scope} act={act} onClose={() => setAct(undefined)} />
    </>
  );
}

interface CellsProps {
  scope: string;
  rows: readonly Collaborator[];
  columns: readonly ScopeLabel[];
  chosen: ReadonlySet<string>;
  onToggle: (cells: readonly string[]) => void;
  onAct: (act: Act) => void;
}

function Cells({ scope, rows, columns, chosen, onToggle, onAct }: CellsProps) {
  const { matrix, grid } = useWords();
  const may = useMay();
  const { nameOf } = useNames();
  const isFree = (person: Collaborator, at: string) => may.change(person, at) && !directGrant(person, at);
  return (
    <div className="scroll card matrix" tabIndex={0} role="region" aria-label={matrix.title(nameOf(scope))}>
      <table>
        <thead>
          <tr>
            <th scope="col">{grid.person}</th>
            {columns.map(({ id, name }) => (
              <th key={id} scope="col" title={name}>
                <button
                  type="button"
                  className="link"
                  title={matrix.column(name)}
                  onClick={() =>
                    onToggle(rows.filter((person) => isFree(person, id)).map((person) => cellOf(person, id)))
                  }
                >
                  <bdi>{name}</bdi>
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((person) => (
            <tr key={person.id}>
              <th scope="row">
                <Link href={`/scopes/${scope}/people/${person.id}`}>
                  <bdi>{displayName(person)}</bdi>
                </Link>
              </th>
              {columns.map(({ id }) => (
                <td key={id}>
                  <Cell
                    person={person}
                    at={id}
                    free={isFree(person, id)}
                    canChange={may.change(person, id)}
                    chosen={chosen.has(cellOf(person, id))}
                    onToggle={onToggle}
                    onAct={onAct}
                  />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface CellProps {
  person: Collaborator;
  at: string;
  free: boolean;
  canChange: boolean;
  chosen: boolean;
  onToggle: CellsProps["onToggle"];
  onAct: CellsProps["onAct"];
}

/** A role here, one from above in grey, or a place for one. */
function Cell({ person, at, free, canChange, chosen, onToggle, onAct }: CellProps) {
  const { matrix, grid } = useWords();
  const { roleName } = useRoleWords();
  const { nameOf } = useNames();
  const grant = directGrant(person, at);
  const above = person.grants.find(
    (other) => other.scope !== at && lineage(at).includes(other.scope) && !hasEnded(other),
  );
  const where = matrix.cell(displayName(person), nameOf(at));
  if (grant) {
    const text = `${roleName(grant.role)}${hasEnded(grant) ? ` – ${grid.ended}` : ""}`;
    if (!canChange) return <Fixed text={text} role={roleName(grant.role)} />;
    return (
      <button
        type="button"
        className="quiet matrix-cell"
        title={text}
        data-ended={hasEnded(grant)}
        onClick={() => onAct({ do: "role", people: [person], scope: at })}
      >
        <span className="sr">{`${where} ${text}`}</span>
        <span aria-hidden="true">{roleName(grant.role)}</span>
      </button>
    );
  }
  const from = above && `${roleName(above.role)} – ${grid.via(nameOf(above.scope))}`;
  if (!free) return above && from ? <Fixed text={from} role={roleName(above.role)} /> : null;
  return (
    <button
      type="button"
      className={chosen ? "matrix-cell" : "quiet matrix-cell"}
      aria-pressed={chosen}
      title={from ?? matrix.none}
      onClick={() => onToggle([cellOf(person, at)])}
    >
      <span className="sr">{`${where} ${from ?? matrix.none}`}</span>
      {chosen ? (
        <Icon of="check" />
      ) : (
        <span className="hint" aria-hidden="true">
          {above ? roleName(above.role) : "·"}
        </span>
      )}
    </button>
  );
}

/** A role that cannot be changed here. */
function Fixed({ text, role }: { text: string; role: string }) {
  return (
    <span className="hint" title={text}>
      <span className="sr">{text}</span>
      <span aria-hidden="true">{role}</span>
    </span>
  );
}
