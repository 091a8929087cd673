import { useCallback, useEffect, useState } from "react";
import { useSearchParams } from "wouter";
import type { Role, Status } from "../api/client";
import type { Filter } from "../api/queries";
import { LEVELS, lineage } from "../api/scopes";
import { Field } from "../ui/field";
import { SelectField } from "../ui/select-field";
import { useWords } from "../words/provider";

/** How long the search waits after the last key press, in milliseconds. */
const PAUSE = 250;

const STATUSES: readonly Status[] = ["active", "pending", "expired", "suspended"];

/** What needs attention, as a filter of its own. */
const ATTENTION = ["dormant", "undeliverable", "ending"] as const;

type Attention = (typeof ATTENTION)[number];

/** How soon access ends that needs attention, in milliseconds. */
const SOON = 30 * 86_400_000;

/** The filter of the API. The time is that of the day, so that one view is one query. */
function attentionFilter(attention: string | null): Filter {
  if (attention === "dormant") return { dormant: true };
  if (attention === "undeliverable") return { delivery: "undeliverable" };
  if (attention !== "ending") return {};
  const today = new Date().setHours(0, 0, 0, 0);
  return { expiresBefore: new Date(today + SOON).toISOString() };
}

function attentionOf({ dormant, delivery, expiresBefore }: Filter): Attention | "" {
  if (dormant) return "dormant";
  if (delivery) return "undeliverable";
  return expiresBefore ? "ending" : "";
}

/** Whether a scope has lower levels. Their people are shown too, unless the user asks otherwise. */
const hasBelow = (scope: string) => lineage(scope).length < LEVELS;

/** Whether the filter hides collaborators. */
export function isNarrowed(scope: string, filter: Filter): boolean {
  const { status, role, inherited, below, q } = filter;
  const narrowed = status || role || inherited !== undefined || q || attentionOf(filter);
  return Boolean(narrowed || (hasBelow(scope) && !below));
}

/** The filter, stored in the URL so that a view can be bookmarked, shared and reached with the back button. */
export function useFilter(scope: string): [Filter, (changes: Record<string, string | null>) => void] {
  const [search, setSearch] = useSearchParams();
  const filter: Filter = attentionFilter(search.get("attention"));
  const status = search.get("status");
  const role = search.get("role");
  const inherited = search.get("inherited");
  const q = search.get("q");
  if (status) filter.status = status as Status;
  if (role) filter.role = role as Role;
  if (inherited) filter.inherited = inherited === "true";
  if (q) filter.q = q;
  if (hasBelow(scope) && search.get("below") !== "false") filter.below = true;
  const sort = search.get("sort");
  if (sort === "lastLoginAt" || sort === "name") filter.sort = sort;
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
  scope: string;
  filter: Filter;
  change: (changes: Record<string, string | null>) => void;
  roles: readonly Role[];
}

/** The filter controls of the grid. */
export function Filters({ scope, filter, change, roles }: Props) {
  const words = useWords();
  const { grid } = words;
  return (
    <search className="filters">
      <SearchField q={filter.q ?? ""} onSearch={(q) => change({ q })} />
      <SelectField
        label={grid.status}
        value={filter.status ?? ""}
        options={[["", grid.all], ...STATUSES.map((status) => [status, words.statuses[status]] as const)]}
        onChange={(status) => change({ status })}
      />
      <SelectField
        label={grid.role}
        value={filter.role ?? ""}
        options={[["", grid.all], ...roles.map((role) => [role, words.roles[role]] as const)]}
        onChange={(role) => change({ role })}
      />
      <SelectField
        label={grid.origin}
        value={filter.inherited === undefined ? "" : String(filter.inherited)}
        options={[
          ["", grid.allOrigins],
          ["false", grid.direct],
          ["true", grid.inherited],
        ]}
        onChange={(inherited) => change({ inherited })}
      />
      <SelectField
        label={words.attention.label}
        value={attentionOf(filter)}
        options={[
          ["", words.attention.all],
          ...ATTENTION.map((each) => [each, words.attention[each]] as const),
        ]}
        onChange={(attention) => change({ attention })}
      />
      {hasBelow(scope) && (
        <label className="check">
          <input
            type="checkbox"
            checked={filter.below ?? false}
            onChange={(event) => change({ below: event.target.checked ? null : "false" })}
          />
          {grid.below}
        </label>
      )}
      {isNarrowed(scope, filter) && (
        <button
          type="button"
          className="plain"
          onClick={() =>
            change({ status: null, role: null, inherited: null, attention: null, q: null, below: null })
          }
        >
          {grid.clear}
        </button>
      )}
    </search>
  );
}

export function SearchField({ q, onSearch }: { q: string; onSearch: (q: string) => void }) {
  const { grid } = useWords();
  const [typed, setTyped] = useState(q);
  // The back button and "Clear filters" change the URL without typing.
  useEffect(() => setTyped((now) => (now.trim() === q ? now : q)), [q]);
  useEffect(() => {
    if (typed.trim() === q) return undefined;
    const timer = setTimeout(() => onSearch(typed.trim()), PAUSE);
    return () => clearTimeout(timer);
  });
  return (
    <Field label={grid.search}>
      {(props) => (
        <input {...props} type="search" value={typed} onChange={(event) => setTyped(event.target.value)} />
      )}
    </Field>
  );
}
