import { useState } from "react";
import type { HistoryEntry } from "../api/client";
import { useNames } from "../api/names";
import { useCollaborator, useSearch } from "../api/queries";
import { clientOf } from "../api/scopes";
import { SearchField } from "../grid/filters";
import { type ChangeSearch, useChangeSearch } from "../ui/change-search";
import { useCsv } from "../ui/csv";
import { DateField } from "../ui/date-field";
import { Dialog } from "../ui/dialog";
import { displayName } from "../ui/display-name";
import { Icon } from "../ui/icon";
import { type Entry, MenuButton } from "../ui/menu";
import { Loaded } from "../ui/state";
import { Title } from "../ui/title";
import { dayOf, endOfDay, startOfDay } from "../words/dates";
import { useDates, useWords } from "../words/provider";
import { HistoryList, type HistoryQuery } from "./history-list";
import { useHistoryWords } from "./history-words";

const ACTIONS: readonly HistoryEntry["action"][] = [
  "invited",
  "granted",
  "role-changed",
  "resent",
  "activated",
  "waiting",
  "seat-passed",
  "declined",
  "revoked",
  "left",
  "suspended",
  "restored",
  "imported",
  "email-changed",
  "invitation-expired",
  "access-expired",
  "ownership-received",
  "copied",
  "scope-archived",
  "scope-unarchived",
];

/** Changes of the client itself, which its own history shows. */
const CLIENT_ACTIONS: readonly HistoryEntry["action"][] = [
  "waiting-list-reordered",
  "role-defined",
  "role-edited",
  "role-deleted",
];

/** The periods of the menu, in days. */
const PERIODS = [30, 90, 365] as const;

/** The period that is asked for most, in days: one click. */
const WEEK = 7;

/** The history of a scope and everything below it, with filters and as a file. */
export function HistoryPage({ scope }: { scope: string }) {
  const words = useWords();
  const { history } = words;
  const { nameOf } = useNames();
  const { kinds } = useHistoryWords();
  const [search, change] = useChangeSearch();
  const query = queryOf(search);
  const title = history.title(nameOf(scope));
  const actions = scope === clientOf(scope) ? [...ACTIONS, ...CLIENT_ACTIONS] : ACTIONS;
  const csv = useCsv("history", scope, query, title);
  return (
    <div className="narrow">
      <div className="page-head">
        <Title>{title}</Title>
        <div className="buttons">
          <button type="button" className="plain" disabled={csv.isPending} onClick={() => csv.mutate()}>
            <Icon of="download" /> {words.grid.csv}
          </button>
        </div>
      </div>
      <search className="filters">
        <PersonFilter
          label={history.by}
          scope={scope}
          shown={query.actor}
          onChoose={(person) => change({ actor: person?.email ?? null })}
        />
        <OnFilter
          scope={scope}
          id={query.collaborator}
          onChoose={(person) => change({ person: person?.id ?? null })}
        />
        <MenuButton
          selected={query.action ?? ""}
          entries={[
            { id: "", label: words.grid.all, onAction: () => change({ action: null }) },
            "line",
            ...actions.map((action) => ({
              id: action,
              label: kinds[action],
              onAction: () => change({ action }),
            })),
          ]}
        >
          {query.action ? kinds[query.action] : history.what} <Icon of="open" />
        </MenuButton>
        <PeriodFilter search={search} onChange={change} />
        {Object.keys(query).length > 0 && (
          <button
            type="button"
            className="link"
            onClick={() => change({ actor: null, person: null, action: null, from: null, until: null })}
          >
            {words.grid.clear}
          </button>
        )}
      </search>
      <HistoryList scope={scope} query={query} />
    </div>
  );
}

/** The filters of the address: days are those of this device. */
function queryOf(search: URLSearchParams): HistoryQuery {
  const day = (name: string) => {
    const value = search.get(name) ?? "";
    return /^\d{4}-\d\d-\d\d$/.test(value) ? value : undefined;
  };
  const [from, until] = [day("from"), day("until")];
  const action = [...ACTIONS, ...CLIENT_ACTIONS].find((each) => each === search.get("action"));
  const collaborator = search.get("person");
  const actor = search.get("actor");
  return {
    ...(collaborator ? { collaborator } : {}),
    ...(actor ? { actor } : {}),
    ...(action ? { action } : {}),
    ...(from ? { from: startOfDay(from) } : {}),
    ...(until ? { until: endOfDay(until) } : {}),
  };
}

interface PeriodProps {
  search: URLSearchParams;
  onChange: ChangeSearch;
}

/** The last days, or two days of a calendar. */
function PeriodFilter({ search, onChange }: PeriodProps) {
  const { history, grid, close } = useWords();
  const dates = useDates();
  const [isOpen, setOpen] = useState(false);
  const [from, until] = [search.get("from") ?? "", search.get("until") ?? ""];
  const shown = [
    from && history.since(dates.day(`${from}T12:00`)),
    until && history.to(dates.day(`${until}T12:00`)),
  ];
  const entries: Entry[] = [
    { id: "all", label: grid.all, onAction: () => onChange({ from: null, until: null }) },
    "line",
    ...PERIODS.map((days) => ({
      id: String(days),
      label: history.lastDays(days),
      onAction: () => onChange({ from: daysAgo(days), until: null }),
    })),
    { id: "dates", label: history.dates, icon: "event", onAction: () => setOpen(true) },
  ];
  const isWeek = from === daysAgo(WEEK) && !until;
  return (
    <>
      <button
        type="button"
        className="plain"
        aria-pressed={isWeek}
        onClick={() => onChange({ from: isWeek ? null : daysAgo(WEEK), until: null })}
      >
        {history.lastDays(WEEK)}
      </button>
      <MenuButton entries={entries}>
        {(!isWeek && shown.filter(Boolean).join(" ")) || history.when} <Icon of="open" />
      </MenuButton>
      {isOpen && (
        <Dialog
          title={history.dates}
          size="small"
          onClose={() => setOpen(false)}
          foot={
            <div className="buttons end">
              <button type="button" onClick={() => setOpen(false)}>
                {close}
              </button>
            </div>
          }
        >
          <div className="fields">
            <DateField label={history.from} past value={from} onChange={(day) => onChange({ from: day })} />
            <DateField
              label={history.until}
              past
              value={until}
              onChange={(day) => onChange({ until: day })}
            />
          </div>
        </Dialog>
      )}
    </>
  );
}

function daysAgo(days: number): string {
  const date = new Date();
  date.setDate(date.getDate() - days);
  return dayOf(date);
}

interface Person {
  id: string;
  email: string;
  name: string | null;
}

interface PersonProps {
  label: string;
  scope: string;
  /** The name of the person chosen. */
  shown: string | undefined;
  onChoose: (person: Person | undefined) => void;
}

/** A button that opens a search for a person. */
function PersonFilter({ label, scope, shown, onChoose }: PersonProps) {
  const { grid, colon } = useWords();
  const [isOpen, setOpen] = useState(false);
  const [q, setQ] = useState("");
  return (
    <>
      <button type="button" className="plain" onClick={() => setOpen(true)}>
        {shown ? label + colon + shown : label} <Icon of="open" />
      </button>
      {isOpen && (
        <Dialog title={label} size="small" onClose={() => setOpen(false)}>
          <SearchField label={grid.search} q={q} onSearch={setQ} />
          <PersonChoice
            scope={scope}
            q={q}
            onChoose={(person) => {
              setOpen(false);
              onChoose(person);
            }}
          />
        </Dialog>
      )}
    </>
  );
}

function PersonChoice({
  scope,
  q,
  onChoose,
}: {
  scope: string;
  q: string;
  onChoose: PersonProps["onChoose"];
}) {
  const { grid } = useWords();
  const found = useSearch(scope, q || undefined);
  return (
    <Loaded of={found}>
      <ul className="plain-list">
        <li>
          <button type="button" className="quiet" onClick={() => onChoose(undefined)}>
            {grid.all}
          </button>
        </li>
        {found.data?.collaborators.map((person) => (
          <li key={person.id}>
            <button type="button" className="quiet" onClick={() => onChoose(person)}>
              <bdi>{displayName(person)}</bdi> <span className="hint">{person.email}</span>
            </button>
          </li>
        ))}
      </ul>
    </Loaded>
  );
}

/** The person whom the changes are about. Their name is read again for a link that was shared. */
function OnFilter({
  scope,
  id,
  onChoose,
}: Omit<PersonProps, "label" | "shown"> & { id: string | undefined }) {
  const { history } = useWords();
  const found = useCollaborator(scope, id ?? "", true, id !== undefined);
  const shown = id && (found.data ? displayName(found.data) : history.someone);
  return <PersonFilter label={history.on} scope={scope} shown={shown} onChoose={onChoose} />;
}
