import { createColumnHelper, rowSelectionFeature, tableFeatures } from "@tanstack/react-table";
import { Link } from "wouter";
import type { Collaborator } from "../api/client";
import { called } from "../ui/person";
import { useDates, useWords } from "../words/provider";
import { GrantLabel } from "./grant-label";
import { directGrant, hasEnded } from "./grants";

/** What the grid's table can do by itself; order, filters and pages are the API's. */
export const features = tableFeatures({ rowSelectionFeature });

export const column = createColumnHelper<typeof features, Collaborator>();

/** Name and address, and whether it is oneself. */
export function PersonCell({ person, scope, isMe }: { person: Collaborator; scope: string; isMe: boolean }) {
  const { grid } = useWords();
  return (
    <div className="who">
      <Link href={`/scopes/${scope}/people/${person.id}`}>{called(person)}</Link>
      {isMe && <span className="badge">{grid.mine}</span>}
      {person.name && <span className="hint">{person.email}</span>}
    </div>
  );
}

/** The role given on this very scope. */
export function RoleCell({ person, scope }: { person: Collaborator; scope: string }) {
  const words = useWords();
  const grant = directGrant(person, scope);
  if (!grant) return <span className="hint">{words.grid.noRoleHere}</span>;
  return (
    <span
      data-overridden={grant.overridden}
      data-ended={hasEnded(grant)}
      title={grant.overridden ? words.grid.overridden : undefined}
    >
      {words.roles[grant.role]}
      {hasEnded(grant) && <span className="sr"> – {words.grid.ended}</span>}
      {grant.role === "custom" && (
        <span className="hint"> ({words.grid.rights(grant.permissions.length)})</span>
      )}
      {grant.overridden && <span className="sr"> – {words.grid.overridden}</span>}
    </span>
  );
}

/** Where the rest of the access comes from, each line marked with its level. */
export function ElsewhereCell({ person, scope }: { person: Collaborator; scope: string }) {
  const { grid } = useWords();
  const rest = person.grants.filter((grant) => grant.scope !== scope);
  if (rest.length === 0) return null;
  return (
    <ul className="plain-list">
      {rest.map((grant) => (
        <li key={grant.scope}>
          <GrantLabel grant={grant} />{" "}
          <span className="badge">{grant.inherited ? grid.inheritedFrom : grid.furtherDown}</span>
        </li>
      ))}
    </ul>
  );
}

/** Pending, active or expired, and what became of the invitation. */
export function StatusCell({ person }: { person: Collaborator }) {
  const words = useWords();
  const dates = useDates();
  const { invitation, status } = person;
  const lost = invitation?.delivery === "bounced" || invitation?.delivery === "failed";
  return (
    <div>
      <span className="badge" data-status={status}>
        {words.statuses[status]}
      </span>
      {invitation && (
        <span className="hint" data-lost={lost}>
          {lost ? words.delivery[invitation.delivery] : null}
          {!lost && status === "pending" && words.grid.validUntil(dates.day(invitation.expiresAt))}
          {!lost && status === "expired" && words.grid.expiredOn(dates.day(invitation.expiresAt))}
        </span>
      )}
    </div>
  );
}

/** A time, or that there was or will be none. */
export function TimeCell({ time, none }: { time: string | null | undefined; none: string }) {
  const dates = useDates();
  if (!time) return <span className="hint">{none}</span>;
  return (
    <time dateTime={time} title={dates.moment(time)}>
      {dates.day(time)} <span className="hint">{dates.relative(time)}</span>
    </time>
  );
}
