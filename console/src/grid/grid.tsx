import { type ReactNode, useState } from "react";
import type { Collaborator } from "../api/client";
import { useIsMe } from "../api/is-me";
import { useNames } from "../api/names";
import type { Sort } from "../api/queries";
import { browserStore } from "../session/storage";
import { Icon } from "../ui/icon";
import { useWords } from "../words/provider";
import { type Act, useMay } from "./actions";
import { CollaboratorCell, ElsewhereCell, EndCell, RoleCell, StatusCell } from "./columns";
import { directGrant } from "./grants";
import { useLabelOf } from "./labels";
import { directionOf, nextSort, type OrderedColumn } from "./order";
import { Printing, usePrinting } from "./printing";
import { RowMenu } from "./row-menu";
import { type Item, Rows } from "./rows";
import type { Selection } from "./selection";

interface Props {
  scope: string;
  collaborators: Collaborator[];
  /** Whether the people with a role here come first, and those from above in a group that folds. */
  grouped: boolean;
  more: boolean;
  onMore: () => void;
  mayManage: boolean;
  selection: Selection;
  sort: Sort;
  onSort: (sort: Sort) => void;
  onAct: (act: Act) => void;
}

const STORED = "coulisses.inherited";

/** The grid: a table that renders only the visible rows, except in print. */
export function Grid(props: Props) {
  const { collaborators, scope, mayManage, grouped } = props;
  const { grid } = useWords();
  const { nameOf } = useNames();
  const [folded, setFolded] = useState(() => browserStore.getItem(STORED) === "folded");
  const columns = useColumns(props);
  const fold = () => {
    browserStore.setItem(STORED, folded ? "open" : "folded");
    setFolded(!folded);
  };
  const items = grouped ? inGroups(collaborators, scope, folded) : collaborators.map(asItem);
  const printing = usePrinting();
  return (
    <Printing.Provider value={printing}>
      <div
        className="grid"
        role="table"
        aria-label={grid.title(nameOf(scope))}
        aria-rowcount={props.more ? -1 : items.length + 1}
        data-manage={mayManage}
      >
        <div role="rowgroup" className="grid-head">
          <div role="row" aria-rowindex={1} className="row">
            {columns.map(({ id, header, sorts }) => (
              <div
                role="columnheader"
                key={id}
                data-column={id}
                aria-sort={sorts && directionOf(sorts, props.sort)}
              >
                {header}
              </div>
            ))}
          </div>
        </div>
        <Rows items={items} more={props.more} onMore={props.onMore}>
          {(item) =>
            item.person ? (
              columns.map(({ id, cell }) => (
                <div role={id === "person" ? "rowheader" : "cell"} key={id} data-column={id}>
                  {cell(item.person)}
                </div>
              ))
            ) : (
              <div role="cell" aria-colspan={columns.length} data-column="group">
                <button type="button" className="quiet" aria-expanded={!folded} onClick={fold}>
                  <Icon of={folded ? "next" : "open"} /> {grid.fromAbove(item.count)}
                </button>
              </div>
            )
          }
        </Rows>
      </div>
    </Printing.Provider>
  );
}

const asItem = (person: Collaborator): Item => ({ id: person.id, person });

/** Those with a role at the scope or below first, then the rest behind a heading. */
function inGroups(people: readonly Collaborator[], scope: string, folded: boolean): Item[] {
  const isAbove = (person: Collaborator) =>
    !directGrant(person, scope) && person.grants.every((grant) => grant.inherited);
  const here = people.filter((person) => !isAbove(person));
  const above = people.filter(isAbove);
  if (above.length === 0) return here.map(asItem);
  const group: Item = { id: "above", count: above.length };
  return [...here.map(asItem), group, ...(folded ? [] : above.map(asItem))];
}

interface Column {
  id: string;
  header: ReactNode;
  /** The order that this column shows. */
  sorts?: OrderedColumn;
  cell: (collaborator: Collaborator) => ReactNode;
}

function useColumns({ scope, mayManage, selection, sort, onSort, onAct }: Props): Column[] {
  const { grid } = useWords();
  const isMe = useIsMe();
  const labelOf = useLabelOf();
  const may = useMay();
  const sortable = (label: string, column: OrderedColumn) => {
    const direction = directionOf(column, sort);
    return (
      <button
        type="button"
        className="sort"
        onClick={() => onSort(nextSort(column, sort))}
        title={grid.sort(label)}
      >
        {label} {direction && <Icon of={direction === "ascending" ? "up" : "down"} />}
      </button>
    );
  };
  const select: Column = {
    id: "select",
    header: (
      <input
        type="checkbox"
        aria-label={grid.selectAll}
        checked={selection.isAll}
        onChange={selection.toggleAll}
      />
    ),
    cell: (person) => (
      <input
        type="checkbox"
        aria-label={grid.select(labelOf(person))}
        checked={selection.has(person.id)}
        disabled={isMe(person)}
        onChange={() => selection.toggle(person)}
      />
    ),
  };
  const shown: Column[] = [
    {
      id: "person",
      header: sortable(grid.person, "person"),
      sorts: "person",
      cell: (person) => <CollaboratorCell collaborator={person} scope={scope} isMe={isMe(person)} />,
    },
    {
      id: "role",
      header: grid.role,
      cell: (person) => (
        <RoleCell collaborator={person} scope={scope} onAct={onAct} mayChange={may.change(person, scope)} />
      ),
    },
    {
      id: "elsewhere",
      header: grid.elsewhere,
      cell: (person) => <ElsewhereCell collaborator={person} scope={scope} />,
    },
    {
      id: "ends",
      header: sortable(grid.ends, "ends"),
      sorts: "ends",
      cell: (person) => (
        <EndCell collaborator={person} scope={scope} onAct={onAct} mayChange={may.change(person, scope)} />
      ),
    },
    {
      id: "status",
      header: sortable(grid.lastLogin, "status"),
      sorts: "status",
      cell: (person) => (
        <StatusCell
          collaborator={person}
          {...(may.handle(person, scope) ? { onFix: () => onAct({ do: "address", people: [person] }) } : {})}
        />
      ),
    },
    {
      id: "actions",
      header: <span className="sr">{grid.actions}</span>,
      cell: (person) => <RowMenu scope={scope} collaborator={person} onAct={onAct} />,
    },
  ];
  return mayManage ? [select, ...shown] : shown;
}
