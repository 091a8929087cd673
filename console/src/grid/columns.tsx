import { Link } from "wouter";
import type { Collaborator } from "../api/client";
import { useDates, useWords } from "../words/provider";
import { GrantLabel } from "./grant-label";
import { directGrant, hasEnded } from "./grants";

interface CellProps {
  collaborator: Collaborator;
  scope: string;
}

/** Name and address, marked if it is the signed-in user. */
export function CollaboratorCell({ collaborator, scope, isMe }: CellProps & { isMe: boolean }) {
  const { grid } = useWords();
  return (
    <div className="who">
      <Link href={`/scopes/${scope}/people/${collaborator.id}`}>
        <bdi>{collaborator.name ?? collaborator.email}</bdi>
      </Link>
      {isMe && <span className="badge">{grid.mine}</span>}
      {collaborator.name && <span className="hint">{collaborator.email}</span>}
    </div>
  );
}

/** The role granted at this scope itself. */
export function RoleCell({ collaborator, scope }: CellProps) {
  const words = useWords();
  const grant = directGrant(collaborator, scope);
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

/** The grants at other scopes, each with its level. */
export function ElsewhereCell({ collaborator, scope }: CellProps) {
  const { grid } = useWords();
  const rest = collaborator.grants.filter((grant) => grant.scope !== scope);
  if (rest.length === 0) return null;
  return (
    <ul className="plain-list">
      {rest.map((grant) => (
        <li key={grant.scope}>
          <GrantLabel grant={grant} />{" "}
          <span className="badge">{grant.inherited ? grid.inheritedFrom : grid.lowerLevel}</span>
        </li>
      ))}
    </ul>
  );
}

/** The status, and the state of the invitation if there is one. */
export function StatusCell({ collaborator }: { collaborator: Collaborator }) {
  const words = useWords();
  const dates = useDates();
  const { invitation, status } = collaborator;
  const delivery = invitation?.delivery;
  const lost = delivery === "bounced" || delivery === "failed";
  return (
    <div>
      <span className="badge" data-status={status}>
        {words.statuses[status]}
      </span>
      {invitation && (
        <span className="hint" data-lost={lost}>
          {lost ? words.delivery[invitation?.suppressed ? "suppressed" : delivery] : null}
          {!lost && status === "pending" && words.grid.validUntil(dates.day(invitation.expiresAt))}
          {!lost && status === "expired" && words.grid.expiredOn(dates.day(invitation.expiresAt))}
        </span>
      )}
      {collaborator.lastRefusedLoginAt && (
        <span className="hint" data-lost={true}>
          {words.grid.loginRefused(dates.day(collaborator.lastRefusedLoginAt))}
        </span>
      )}
    </div>
  );
}

/** A time, or the text `none`. */
export function TimeCell({ time, none }: { time: string | null | undefined; none: string }) {
  const dates = useDates();
  if (!time) return <span className="hint">{none}</span>;
  return (
    <time dateTime={time} title={dates.moment(time)}>
      {dates.day(time)} <span className="hint">{dates.relative(time)}</span>
    </time>
  );
}
