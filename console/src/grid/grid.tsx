import { useTable } from "@tanstack/react-table";
import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import type { Collaborator } from "../api/client";
import { useNames } from "../api/names";
import type { Filter } from "../api/queries";
import { useIsMe } from "../session/provider";
import { displayName } from "../ui/display-name";
import { Icon } from "../ui/icon";
import { useWords } from "../words/provider";
import { CollaboratorCell, column, ElsewhereCell, features, RoleCell, StatusCell, TimeCell } from "./columns";
import { directGrant } from "./grants";
import { ResendIcon } from "./resend";

/** How many rows before the end the next page is requested. */
const AHEAD = 30;

interface Props {
  scope: string;
  collaborators: Collaborator[];
  more: boolean;
  onMore: () => void;
  mayManage: boolean;
  sort: NonNullable<Filter["sort"]>;
  onSort: (sort: NonNullable<Filter["sort"]>) => void;
  onEdit: (collaborator: Collaborator) => void;
  onRevoke: (collaborators: Collaborator[]) => void;
}

/** The grid: a table that renders only the visible rows. */
export function Grid(props: Props) {
  const { collaborators, scope, mayManage, onRevoke } = props;
  const { grid, colon } = useWords();
  const { nameOf } = useNames();
  // On narrow screens a row is a card, so the columns that only show a time need a label.
  const labels: Record<string, string> = { lastLogin: grid.lastLogin + colon, ends: grid.ends + colon };
  const columns = useColumns(props);
  const isMe = useIsMe();
  const table = useTable({
    features,
    columns,
    data: collaborators,
    getRowId: ({ id }) => id,
    // Users cannot remove their own access in a selection: leaving is a separate action.
    enableRowSelection: (row) => !isMe(row.original),
  });
  const chosen = table.getSelectedRowModel().rows.map((row) => row.original);
  return (
    <>
      {mayManage && chosen.length > 0 && (
        <div className="selection" role="toolbar" aria-label={grid.selected(chosen.length)}>
          <strong>{grid.selected(chosen.length)}</strong>
          <button type="button" className="danger" onClick={() => onRevoke(chosen)}>
            <Icon of="bin" /> {grid.revoke}
          </button>
          <button type="button" className="plain" onClick={() => table.resetRowSelection(true)}>
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
          {table.getHeaderGroups().map((group) => (
            <div role="row" key={group.id} aria-rowindex={1} className="row">
              {group.headers.map((header) => (
                <div
                  role="columnheader"
                  key={header.id}
                  data-column={header.column.id}
                  aria-sort={header.column.id === sorted(props.sort) ? order(props.sort) : undefined}
                >
                  <table.FlexRender header={header} />
                </div>
              ))}
            </div>
          ))}
        </div>
        <Rows {...props}>
          {(index) => {
            const row = table.getRowModel().rows[index];
            return row?.getAllCells().map((cell) => (
              <div role="cell" key={cell.id} data-column={cell.column.id} data-label={labels[cell.column.id]}>
                <table.FlexRender cell={cell} />
              </div>
            ));
          }}
        </Rows>
      </div>
    </>
  );
}

/** The sorted column and its direction. */
const sorted = (sort: Props["sort"]) => (sort === "email" ? "person" : "lastLogin");
const order = (sort: Props["sort"]) => (sort === "email" ? "ascending" : "descending");

/** The visible rows, each at its position. Requests the next page before the end is reached. */
function Rows({
  collaborators,
  more,
  onMore,
  children,
}: Props & { children: (index: number) => React.ReactNode }) {
  const list = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
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
  return (
    <div role="rowgroup" ref={list} className="rows" style={{ height: rows.getTotalSize() }}>
      {drawn.map(({ index, key, start }) => (
        <div
          role="row"
          key={key}
          className="row"
          ref={rows.measureElement}
          data-index={index}
          aria-rowindex={index + 2}
          style={{ transform: `translateY(${start - top}px)` }}
        >
          {children(index)}
        </div>
      ))}
    </div>
  );
}

function useColumns({ scope, mayManage, sort, onSort, onEdit }: Props) {
  const words = useWords();
  const { grid, dates } = words;
  const isMe = useIsMe();
  return useMemo(() => {
    const sortable = (label: string, by: Props["sort"]) => (
      <button type="button" className="sort" onClick={() => onSort(by)} title={grid.sort(label)}>
        {label} {sort === by && <Icon of={by === "email" ? "up" : "down"} />}
      </button>
    );
    const select = column.display({
      id: "select",
      header: ({ table }) => (
        <input
          type="checkbox"
          aria-label={grid.selectAll}
          checked={table.getIsAllRowsSelected()}
          onChange={table.getToggleAllRowsSelectedHandler()}
        />
      ),
      cell: ({ row }) => (
        <input
          type="checkbox"
          aria-label={grid.select(displayName(row.original))}
          checked={row.getIsSelected()}
          disabled={!row.getCanSelect()}
          onChange={row.getToggleSelectedHandler()}
        />
      ),
    });
    const actions = column.display({
      id: "actions",
      header: () => <span className="sr">{grid.actions}</span>,
      cell: ({ row: { original: collaborator } }) => (
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
    });
    const shown = [
      column.display({
        id: "person",
        header: () => sortable(grid.person, "email"),
        cell: ({ row: { original: collaborator } }) => (
          <CollaboratorCell collaborator={collaborator} scope={scope} isMe={isMe(collaborator)} />
        ),
      }),
      column.display({
        id: "role",
        header: grid.here,
        cell: ({ row }) => <RoleCell collaborator={row.original} scope={scope} />,
      }),
      column.display({
        id: "elsewhere",
        header: grid.elsewhere,
        cell: ({ row }) => <ElsewhereCell collaborator={row.original} scope={scope} />,
      }),
      column.display({
        id: "status",
        header: grid.status,
        cell: ({ row }) => <StatusCell collaborator={row.original} />,
      }),
      column.display({
        id: "lastLogin",
        header: () => sortable(grid.lastLogin, "lastLoginAt"),
        cell: ({ row }) => <TimeCell time={row.original.lastLoginAt} none={dates.never} />,
      }),
      column.display({
        id: "ends",
        header: grid.ends,
        cell: ({ row }) => {
          const grant = directGrant(row.original, scope);
          return grant && <TimeCell time={grant.expiresAt} none={dates.none} />;
        },
      }),
    ];
    return column.columns(mayManage ? [select, ...shown, actions] : shown);
  }, [scope, mayManage, sort, onSort, onEdit, grid, dates, isMe]);
}
