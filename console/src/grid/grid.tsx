import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useEffect, useLayoutEffect, useRef, useState } from "react";
import type { Collaborator } from "../api/client";
import { useNames } from "../api/names";
import type { Filter } from "../api/queries";
import { useIsMe } from "../session/provider";
import { displayName } from "../ui/display-name";
import { Icon } from "../ui/icon";
import { useWords } from "../words/provider";
import { CollaboratorCell, ElsewhereCell, RoleCell, StatusCell, TimeCell } from "./columns";
import { directGrant } from "./grants";
import { usePrinting } from "./printing";
import { ResendIcon } from "./resend";
import { type RowSelection, useSelection } from "./selection";

/** How many rows before the end the next page is requested. */
const AHEAD = 30;

interface Props {
  scope: string;
  /** Identifies the filter: each one has its own selection. */
  view: string;
  collaborators: Collaborator[];
  more: boolean;
  onMore: () => void;
  mayManage: boolean;
  sort: NonNullable<Filter["sort"]>;
  onSort: (sort: NonNullable<Filter["sort"]>) => void;
  onEdit: (collaborator: Collaborator) => void;
  onChange: (collaborators: Collaborator[]) => void;
  onRevoke: (collaborators: Collaborator[]) => void;
}

/** The grid: a table that renders only the visible rows, except in print. */
export function Grid(props: Props) {
  const { collaborators, scope, mayManage, onChange, onRevoke } = props;
  const { grid, changes } = useWords();
  const { nameOf } = useNames();
  const isMe = useIsMe();
  // Users cannot remove their own access in a selection: leaving is a separate action.
  const selection = useSelection(props.view, collaborators, (each) => !isMe(each));
  const columns = useColumns(props, selection);
  const { chosen } = selection;
  return (
    <>
      {mayManage && chosen.length > 0 && (
        <div className="selection" role="toolbar" aria-label={grid.selected(chosen.length)}>
          <strong>{grid.selected(chosen.length)}</strong>
          <button type="button" onClick={() => onChange(chosen)}>
            <Icon of="pencil" /> {changes.button}
          </button>
          <button type="button" className="danger" onClick={() => onRevoke(chosen)}>
            <Icon of="bin" /> {grid.revoke}
          </button>
          <button type="button" className="plain" onClick={selection.clear}>
            {grid.unselect}
          </button>
        </div>
      )}
      <div
        className="grid"
        role="table"
        aria-label={grid.title(nameOf(scope))}
        aria-rowcount={props.more ? -1 : collaborators.length + 1}
        data-manage={mayManage}
      >
        <div role="rowgroup" className="grid-head">
          <div role="row" aria-rowindex={1} className="row">
            {columns.map(({ id, header }) => (
              <div
                role="columnheader"
                key={id}
                data-column={id}
                aria-sort={id === sorted(props.sort) ? order(props.sort) : undefined}
              >
                {header}
              </div>
            ))}
          </div>
        </div>
        <Rows {...props}>
          {(collaborator) =>
            columns.map(({ id, label, cell }) => (
              <div role="cell" key={id} data-column={id} data-label={label}>
                {cell(collaborator)}
              </div>
            ))
          }
        </Rows>
      </div>
    </>
  );
}

/** The sorted column and its direction. */
const sorted = (sort: Props["sort"]) => (sort === "lastLoginAt" ? "lastLogin" : "person");
const order = (sort: Props["sort"]) => (sort === "lastLoginAt" ? "descending" : "ascending");

/** The visible rows, each at its position, or all of them in print. Requests the next page before the end is reached. */
function Rows({
  collaborators,
  more,
  onMore,
  children,
}: Props & { children: (collaborator: Collaborator) => ReactNode }) {
  const list = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const printing = usePrinting();
  useLayoutEffect(() => setTop(list.current?.offsetTop ?? 0), []);
  const rows = useWindowVirtualizer({
    count: collaborators.length,
    estimateSize: () => 72,
    overscan: 8,
    scrollMargin: top,
    getItemKey: (index) => collaborators[index]?.id ?? index,
  });
  const drawn = rows.getVirtualItems();
  const last = drawn.at(-1)?.index ?? 0;
  useEffect(() => {
    if (more && last >= collaborators.length - AHEAD) onMore();
  }, [more, onMore, last, collaborators.length]);
  const row = (collaborator: Collaborator | undefined, index: number) =>
    collaborator && {
      role: "row",
      className: "row",
      "aria-rowindex": index + 2,
      children: children(collaborator),
    };
  if (printing) {
    return (
      <div role="rowgroup" className="rows">
        {collaborators.map((collaborator, index) => (
          <div key={collaborator.id} {...row(collaborator, index)} />
        ))}
      </div>
    );
  }
  return (
    <div role="rowgroup" ref={list} className="rows" style={{ height: rows.getTotalSize() }}>
      {drawn.map(({ index, key, start }) => (
        <div
          key={key}
          ref={rows.measureElement}
          data-index={index}
          style={{ transform: `translateY(${start - top}px)` }}
          {...row(collaborators[index], index)}
        />
      ))}
    </div>
  );
}

interface Column {
  id: string;
  header: ReactNode;
  /** Shown before the value on narrow screens, where a row is a card. */
  label?: string;
  cell: (collaborator: Collaborator) => ReactNode;
}

function useColumns({ scope, mayManage, sort, onSort, onEdit }: Props, selection: RowSelection): Column[] {
  const { grid, dates, colon } = useWords();
  const isMe = useIsMe();
  const sortable = (label: string, by: Props["sort"]) => (
    <button type="button" className="sort" onClick={() => onSort(by)} title={grid.sort(label)}>
      {label} {sort === by && <Icon of={by === "lastLoginAt" ? "down" : "up"} />}
    </button>
  );
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
    cell: (collaborator) => (
      <input
        type="checkbox"
        aria-label={grid.select(displayName(collaborator))}
        checked={selection.has(collaborator.id)}
        disabled={isMe(collaborator)}
        onChange={() => selection.toggle(collaborator.id)}
      />
    ),
  };
  const actions: Column = {
    id: "actions",
    header: <span className="sr">{grid.actions}</span>,
    cell: (collaborator) => (
      <div className="actions">
        {collaborator.role !== "owner" && !isMe(collaborator) && (
          <button
            type="button"
            className="quiet"
            aria-label={grid.edit(displayName(collaborator))}
            title={grid.edit(displayName(collaborator))}
            onClick={() => onEdit(collaborator)}
          >
            <Icon of="pencil" />
          </button>
        )}
        {collaborator.invitation && <ResendIcon scope={scope} collaborator={collaborator} />}
      </div>
    ),
  };
  const shown: Column[] = [
    {
      id: "person",
      header: sortable(grid.person, "email"),
      cell: (collaborator) => (
        <CollaboratorCell collaborator={collaborator} scope={scope} isMe={isMe(collaborator)} />
      ),
    },
    {
      id: "role",
      header: grid.here,
      cell: (collaborator) => <RoleCell collaborator={collaborator} scope={scope} />,
    },
    {
      id: "elsewhere",
      header: grid.elsewhere,
      cell: (collaborator) => <ElsewhereCell collaborator={collaborator} scope={scope} />,
    },
    {
      id: "status",
      header: grid.status,
      cell: (collaborator) => <StatusCell collaborator={collaborator} />,
    },
    {
      id: "lastLogin",
      header: sortable(grid.lastLogin, "lastLoginAt"),
      label: grid.lastLogin + colon,
      cell: ({ lastLoginAt }) => <TimeCell time={lastLoginAt} none={dates.never} />,
    },
    {
      id: "ends",
      header: grid.ends,
      label: grid.ends + colon,
      cell: (collaborator) => {
        const grant = directGrant(collaborator, scope);
        return grant && <TimeCell time={grant.expiresAt} none={dates.none} />;
      },
    },
  ];
  return mayManage ? [select, ...shown, actions] : shown;
}
