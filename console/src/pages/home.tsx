import { lazy, useState } from "react";
import { Link } from "wouter";
import type { OwnAccess } from "../api/client";
import { useCollaborators, useVisibleScopes } from "../api/queries";
import { OwnRolesProvider, useRoleWords } from "../api/roles";
import { isBelow, lineage, permissionsAt, type ScopeLabel } from "../api/scopes";
import { useSeatReport } from "../api/seats";
import { filterOf } from "../grid/views";
import { useAccount } from "../session/provider";
import { Empty } from "../ui/empty";
import { Icon, type IconName } from "../ui/icon";
import { SeatMeter } from "../ui/meter";
import { PlatformLink } from "../ui/platform-link";
import { SEARCHED, SearchBox } from "../ui/search-box";
import { Loaded } from "../ui/state";
import { Table } from "../ui/table";
import { Title } from "../ui/title";
import { matcher } from "../words/folded";
import { useLanguage, useWords } from "../words/provider";
import { byDates, period } from "./event-dates";

const SupportPage = lazy(async () => ({ default: (await import("./support")).SupportPage }));

/** What needs attention in each client, and the events; for support without access of their own, their page. */
export function HomePage() {
  const { home } = useWords();
  const { email } = useAccount();
  const { access, scopes, query } = useVisibleScopes();
  const none = access?.access.length === 0;
  if (none && access?.support) return <SupportPage />;
  return (
    <>
      <Title>{none ? home.none : home.title}</Title>
      <Loaded of={query} lines={6}>
        {none ? (
          <Empty icon="mail" title={home.noneHelp(email)}>
            <PlatformLink className="button plain" />
          </Empty>
        ) : (
          access?.access.map((own) => (
            <Client key={own.client.id} own={own} access={access} scopes={scopes} />
          ))
        )}
      </Loaded>
    </>
  );
}

interface Props {
  own: OwnAccess["access"][number];
  access: OwnAccess;
  scopes: readonly ScopeLabel[];
}

/** One client: its to-dos if the user may see its people, and its events. */
function Client({ own, access, scopes }: Props) {
  const { client } = own;
  const maySee = permissionsAt(access, client.id).has("access:view");
  const isSeveral = access.access.length > 1;
  const leaves = scopes.filter(({ id, level }) => isBelow(id, client.id) && level !== "audience");
  return (
    <section>
      {isSeveral && (
        <h2>
          <bdi>{client.name}</bdi>
        </h2>
      )}
      {maySee && <Attention client={client.id} />}
      <OwnRolesProvider scope={own.scopes[0]?.scope ?? client.id}>
        <Events own={own} leaves={leaves} scopes={scopes} maySee={maySee} />
      </OwnRolesProvider>
    </section>
  );
}

/** The to-dos of an organiser, each a link to the people it is about. */
function Attention({ client }: { client: string }) {
  const { home } = useWords();
  const report = useSeatReport(client);
  const ending = useCollaborators(client, { ...filterOf("ending"), below: true });
  const people = `/scopes/${client}`;
  const found = report.data;
  const audit = found?.lastAudit;
  const ends = ending.data?.pages[0]?.collaborators.length ?? 0;
  const todos: Todo[] = [
    {
      at: `${people}?view=undeliverable`,
      icon: "alert",
      count: audit?.undeliverable,
      text: home.lost,
      urgent: true,
    },
    {
      at: `${people}?view=expired`,
      icon: "plane",
      count: found?.renewalsRequested,
      text: home.renewals,
      urgent: true,
    },
    { at: `${people}?view=pending`, icon: "mail", count: found?.pending, text: home.pending },
    { at: `${people}?view=declined`, icon: "cross", count: found?.declined, text: home.declined },
    { at: `${people}/seats`, icon: "people", count: found?.waiting, text: home.waitingList },
    {
      at: `${people}?view=ending`,
      icon: "clock",
      count: ends,
      text: home.ending(Boolean(ending.hasNextPage)),
    },
    { at: `${people}?view=dormant`, icon: "asleep", count: audit?.dormant, text: home.dormant },
  ];
  const shown = todos.filter(({ count }) => count);
  return (
    <Loaded of={report} lines={2}>
      {found && (
        <Link href={`${people}/seats`} className="home-seats">
          <SeatMeter seats={found} pending={found.pending} />
        </Link>
      )}
      {shown.length > 0 && (
        <ul className="todo">
          {shown.map(({ at, icon, count, text, urgent = false }) => (
            <li key={at} data-urgent={urgent}>
              <Link href={at}>
                <Icon of={icon} />
                <span>
                  <strong>{text(count ?? 0)[0]}</strong>
                  <span className="hint">{text(count ?? 0)[1]}</span>
                </span>
              </Link>
            </li>
          ))}
        </ul>
      )}
      {shown.length === 0 && found && found.active <= 1 && (
        <Empty icon="invite" title={home.alone}>
          <Link href={people} className="button">
            {home.invite}
          </Link>
        </Empty>
      )}
    </Loaded>
  );
}

interface Todo {
  at: string;
  icon: IconName;
  count: number | undefined;
  /** A title with the count, and what to do. */
  text: (count: number) => readonly [string, string];
  urgent?: boolean;
}

interface EventsProps {
  own: Props["own"];
  leaves: readonly ScopeLabel[];
  scopes: readonly ScopeLabel[];
  maySee: boolean;
}

/** The events and communities of a client, with the size of their teams if the user may see it. */
function Events({ own, leaves, scopes, maySee }: EventsProps) {
  const { locale, words } = useLanguage();
  const { home } = words;
  const { roleName } = useRoleWords();
  const [q, setQ] = useState("");
  const { data: report } = useSeatReport(own.client.id, maySee);
  const teams = new Map(report?.teams.map((team) => [team.scope, team]));
  const names = new Map(scopes.map(({ id, name }) => [id, name]));
  const ownRoles = new Map(own.scopes.map(({ scope, role }) => [scope, role]));
  const matches = matcher(q);
  const shown = leaves.filter(({ name }) => matches(name)).toSorted(byDates(Date.now()));
  const groups = scopes.filter(
    ({ id, level }) => level === "audience" && isBelow(id, own.client.id) && ownRoles.has(id),
  );
  if (leaves.length + groups.length === 0) return <p className="hint">{home.noEvents}</p>;
  const isDated = leaves.some(({ startsAt, endsAt }) => startsAt ?? endsAt);
  const columns = [
    home.event,
    ...(isDated ? [home.dates] : []),
    home.group,
    ...(maySee ? [home.team, home.waiting] : [home.role]),
  ];
  return (
    <>
      <h2>{home.events}</h2>
      {leaves.length >= SEARCHED && <SearchBox label={words.rail.search} value={q} onChange={setQ} />}
      <div className="list-table card">
        <Table label={home.events} columns={columns}>
          {[...(q ? [] : groups), ...shown].map((label) => {
            const { id, name, level } = label;
            const team = teams.get(id);
            // The nearest role, on the scope or above it.
            const from = lineage(id).findLast((at) => ownRoles.has(at));
            const role = from && ownRoles.get(from);
            const group = names.get(id.split(":").slice(0, 2).join(":"));
            return (
              <tr key={id}>
                <th scope="row">
                  <Link href={`/scopes/${id}`}>
                    <bdi>{name}</bdi>
                  </Link>{" "}
                  {level !== "event" && <span className="hint">{words.levels[level]}</span>}
                </th>
                {isDated && <td>{period(label, locale, own.client.timeZone)}</td>}
                <td>{level === "audience" ? "" : <bdi>{group}</bdi>}</td>
                {maySee ? (
                  <>
                    <td>{(team?.active ?? 0) + (team?.pending ?? 0)}</td>
                    <td>
                      {team?.pending ? (
                        <span className="badge" data-status="pending">
                          {team.pending}
                        </span>
                      ) : (
                        ""
                      )}
                    </td>
                  </>
                ) : (
                  <td>
                    {role ? roleName(role) : ""}
                    {from && from !== id && (
                      <span className="hint"> {words.grid.via(names.get(from) ?? "")}</span>
                    )}
                  </td>
                )}
              </tr>
            );
          })}
        </Table>
      </div>
      {shown.length === 0 && q && <p className="hint">{words.rail.none}</p>}
    </>
  );
}

// In one file with this page: another one that begins with the console's own would split what all of them share.
export { ProblemsPage } from "./problems";
