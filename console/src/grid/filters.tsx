import { useCallback, useEffect, useState } from "react";
import { useSearchParams } from "wouter";
import type { Role, Status } from "../api/client";
import type { Filter } from "../api/queries";
import { Field } from "../ui/field";
import { useWords } from "../words/provider";

/** How long typing pauses before the search is asked, in milliseconds. */
const PAUSE = 250;

const STATUSES: readonly Status[] = ["active", "pending", "expired"];

/** The filter as it stands in the address, so that a view can be kept and sent, and the way back leads to it. */
export function useFilter(): [Filter, (changes: Record<string, string | null>) => void] {
  const [search, setSearch] = useSearchParams();
  const filter: Filter = {};
  const status = search.get("status");
  const role = search.get("role");
  const inherited = search.get("inherited");
  const q = search.get("q");
  if (status) filter.status = status as Status;
  if (role) filter.role = role as Role;
  if (inherited) filter.inherited = inherited === "true";
  if (q) filter.q = q;
  if (search.get("below")) filter.below = true;
  if (search.get("sort") === "lastLoginAt") filter.sort = "lastLoginAt";
  const change = useCallback(
    (changes: Record<string, string | null>) => {
      const next = new URLSearchParams(location.search);
      for (const [name, value] of Object.entries(changes)) {
        if (value) next.set(name, value);
        else next.delete(name);
      }
      setSearch(next, { replace: true });
    },
    [setSearch],
  );
  return [filter, change];
}

interface Props {
  filter: Filter;
  change: (changes: Record<string, string | null>) => void;
  roles: readonly Role[];
}

/** The controls that narrow the grid. */
export function Filters({ filter, change, roles }: Props) {
  const words = useWords();
  const { grid } = words;
  const any = filter.status || filter.role || filter.inherited !== undefined || filter.q || filter.below;
  return (
    <search className="filters">
      <SearchField q={filter.q ?? ""} onSearch={(q) => change({ q })} />
      <Field label={grid.status}>
        {(tie) => (
          <select
            {...tie}
            value={filter.status ?? ""}
            onChange={(event) => change({ status: event.target.value })}
          >
            <option value="">{grid.all}</option>
            {STATUSES.map((status) => (
              <option key={status} value={status}>
                {words.statuses[status]}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Field label={grid.role}>
        {(tie) => (
          <select
            {...tie}
            value={filter.role ?? ""}
            onChange={(event) => change({ role: event.target.value })}
          >
            <option value="">{grid.all}</option>
            {roles.map((role) => (
              <option key={role} value={role}>
                {words.roles[role]}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Field label={grid.origin}>
        {(tie) => (
          <select
            {...tie}
            value={filter.inherited === undefined ? "" : String(filter.inherited)}
            onChange={(event) => change({ inherited: event.target.value })}
          >
            <option value="">{grid.allOrigins}</option>
            <option value="false">{grid.direct}</option>
            <option value="true">{grid.inherited}</option>
          </select>
        )}
      </Field>
      <label className="check">
        <input
          type="checkbox"
          checked={filter.below ?? false}
          onChange={(event) => change({ below: event.target.checked ? "true" : null })}
        />
        {grid.below}
      </label>
      {any && (
        <button
          type="button"
          className="plain"
          onClick={() => change({ status: null, role: null, inherited: null, q: null, below: null })}
        >
          {grid.clear}
        </button>
      )}
    </search>
  );
}

function SearchField({ q, onSearch }: { q: string; onSearch: (q: string) => void }) {
  const { grid } = useWords();
  const [typed, setTyped] = useState(q);
  // The way back, or clearing the filters, changes the address without typing.
  useEffect(() => setTyped((now) => (now.trim() === q ? now : q)), [q]);
  useEffect(() => {
    if (typed.trim() === q) return undefined;
    const timer = setTimeout(() => onSearch(typed.trim()), PAUSE);
    return () => clearTimeout(timer);
  });
  return (
    <Field label={grid.search}>
      {(tie) => (
        <input {...tie} type="search" value={typed} onChange={(event) => setTyped(event.target.value)} />
      )}
    </Field>
  );
}
