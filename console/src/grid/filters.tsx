import { useEffect, useState } from "react";
import type { Permission, Role } from "../api/client";
import { PERMISSIONS } from "../api/permissions";
import type { Filter, Sort } from "../api/queries";
import { useRolesBelow, useRoleWords } from "../api/roles";
import { hasBelow, lineage } from "../api/scopes";
import { type ChangeSearch, useChangeSearch } from "../ui/change-search";
import { Icon } from "../ui/icon";
import { type Entry, MenuButton } from "../ui/menu";
import { SearchBox } from "../ui/search-box";
import type { Words } from "../words/fr";
import { useWords } from "../words/provider";
import { permissionName } from "../words/rights";
import { SORTS } from "./order";
import { filterOf, VIEWS, type View } from "./views";

/** How long the search waits after the last key press, in milliseconds. */
const PAUSE = 250;

/** What the user chose to see. */
export interface Shown {
  view: View;
  role: Role | undefined;
  permission: Permission | undefined;
  /** Whether people without a role on the scope itself are shown, only they, or everyone. */
  inherited: boolean | undefined;
  q: string;
  below: boolean;
  sort: Sort;
}

/** The key of a role. */
const ROLE = /^[a-z0-9-]{1,32}$/;

export type Change = ChangeSearch<keyof Shown>;

/** What is shown, stored in the URL so that it can be bookmarked, shared and reached with the back button. */
export function useShown(scope: string): [Shown, Change] {
  const [search, change] = useChangeSearch();
  const inherited = search.get("inherited");
  const sort = search.get("sort");
  const shown: Shown = {
    view: VIEWS.find((view) => view === search.get("view")) ?? "all",
    role: ROLE.exec(search.get("role") ?? "")?.[0],
    permission: PERMISSIONS.find((permission) => permission === search.get("permission")),
    inherited: inherited === null ? undefined : inherited === "true",
    q: search.get("q") ?? "",
    below: hasBelow(scope) && search.get("below") !== "false",
    sort: SORTS.find((each) => each === sort) ?? "email",
  };
  return [shown, change];
}

/** The query parameters of the API. */
export function queryOf({ view, role, permission, inherited, q, below, sort }: Shown): Filter {
  return {
    ...filterOf(view),
    ...(role ? { role } : {}),
    ...(permission ? { permission } : {}),
    ...(inherited === undefined ? {} : { inherited }),
    ...(q ? { q } : {}),
    ...(below ? { below } : {}),
    ...(sort === "email" ? {} : { sort }),
  };
}

/** Whether anything hides collaborators. */
export function isNarrowed(scope: string, { view, role, permission, inherited, q, below }: Shown): boolean {
  return Boolean(
    view !== "all" || role || permission || inherited !== undefined || q || (hasBelow(scope) && !below),
  );
}

export const EVERYONE = { view: null, role: null, permission: null, inherited: null, q: null, below: null };

interface Props {
  scope: string;
  shown: Shown;
  change: Change;
}

/** The controls above the table: search, role, permission, origin. */
export function Filters({ scope, shown, change }: Props) {
  const words = useWords();
  const { roleName } = useRoleWords();
  const roles = useRolesBelow(scope);
  const { grid } = words;
  const choose = (name: keyof Shown) => (value: string | null) => () => change({ [name]: value });
  const all = (name: keyof Shown): Entry[] => [
    { id: "", label: grid.all, onAction: choose(name)(null) },
    "line",
  ];
  return (
    <search className="filters">
      <SearchField label={grid.search} q={shown.q} onSearch={(q) => change({ q })} />
      <MenuButton
        label={label(grid.role, shown.role && roleName(shown.role), words)}
        selected={shown.role ?? ""}
        entries={[
          ...all("role"),
          ...roles.map((role) => ({
            id: role,
            label: roleName(role),
            onAction: choose("role")(role),
          })),
        ]}
      >
        {label(grid.role, shown.role && roleName(shown.role), words)} <Icon of="open" />
      </MenuButton>
      <MenuButton
        label={label(grid.can, shown.permission && permissionName(shown.permission, words), words)}
        selected={shown.permission ?? ""}
        entries={[
          ...all("permission"),
          ...PERMISSIONS.map((permission) => ({
            id: permission,
            label: permissionName(permission, words),
            onAction: choose("permission")(permission),
          })),
        ]}
      >
        {label(grid.can, shown.permission && permissionName(shown.permission, words), words)}{" "}
        <Icon of="open" />
      </MenuButton>
      {lineage(scope).length > 1 && (
        <MenuButton
          label={label(grid.origin, originName(shown.inherited, words), words)}
          selected={shown.inherited === undefined ? "" : String(shown.inherited)}
          entries={[
            ...all("inherited"),
            { id: "false", label: grid.direct, onAction: choose("inherited")("false") },
            { id: "true", label: grid.inherited, onAction: choose("inherited")("true") },
          ]}
        >
          {label(grid.origin, originName(shown.inherited, words), words)} <Icon of="open" />
        </MenuButton>
      )}
      {hasBelow(scope) && (
        <label className="check">
          <input
            type="checkbox"
            checked={shown.below}
            onChange={(event) => change({ below: event.target.checked ? null : "false" })}
          />
          {grid.below}
        </label>
      )}
      {isNarrowed(scope, shown) && (
        <button type="button" className="link" onClick={() => change(EVERYONE)}>
          {grid.clear}
        </button>
      )}
    </search>
  );
}

const label = (name: string, value: string | undefined, { colon }: Words) =>
  value ? name + colon + value : name;

function originName(inherited: boolean | undefined, { grid }: Words): string | undefined {
  if (inherited === undefined) return undefined;
  return inherited ? grid.inherited : grid.direct;
}

interface SearchProps {
  label: string;
  q: string;
  onSearch: (q: string) => void;
}

/** A search that is sent when the user pauses. */
export function SearchField({ label, q, onSearch }: SearchProps) {
  const [typed, setTyped] = useState(q);
  // The back button and "Clear filters" change the URL without typing.
  useEffect(() => setTyped((now) => (now.trim() === q ? now : q)), [q]);
  useEffect(() => {
    if (typed.trim() === q) return undefined;
    const timer = setTimeout(() => onSearch(typed.trim()), PAUSE);
    return () => clearTimeout(timer);
  });
  return <SearchBox label={label} value={typed} onChange={setTyped} />;
}
