import { useContext } from "react";
import { Link } from "wouter";
import type { Collaborator, Grant } from "../api/client";
import { useNames } from "../api/names";
import { useRoleWords } from "../api/roles";
import { isBelow } from "../api/scopes";
import { Avatar } from "../ui/avatar";
import { Icon } from "../ui/icon";
import { usePersonPath } from "../ui/person-path";
import { useDates, useWords } from "../words/provider";
import type { Act } from "./actions";
import { EndMenu, RoleMenu } from "./change-menus";
import { directGrant, grantsElsewhere, hasEnded } from "./grants";
import { useLabelOf } from "./labels";
import { Printing } from "./printing";

interface CellProps {
  collaborator: Collaborator;
  scope: string;
}

interface ActiveProps extends CellProps {
  onAct: (act: Act) => void;
}

/** How many other grants a row shows. */
const SHOWN = 2;

/** Name and address, marked if it is the signed-in user. Opens the person's panel. */
export function CollaboratorCell({ collaborator, scope, isMe }: CellProps & { isMe: boolean }) {
  const { grid } = useWords();
  const { name, email, id } = collaborator;
  const pathOf = usePersonPath(scope);
  return (
    <div className="who">
      <Avatar of={collaborator} />
      <div>
        <Link href={pathOf(id)}>
          <bdi>{name ?? email}</bdi>
        </Link>{" "}
        {isMe && <span className="badge">{grid.mine}</span>}
        {name && <span className="hint">{email}</span>}
      </div>
    </div>
  );
}

/** The role at this scope itself, to be changed in place; otherwise the role that comes from above. */
export function RoleCell({ collaborator, scope, onAct, mayChange }: ActiveProps & { mayChange: boolean }) {
  const words = useWords();
  const { roleName } = useRoleWords();
  const { nameOf } = useNames();
  const grant = directGrant(collaborator, scope);
  const above = grantsElsewhere(collaborator, scope).above[0];
  if (!grant && above) {
    return (
      <span data-ended={hasEnded(above)}>
        {roleName(above.role)}
        <span className="hint">{words.grid.via(nameOf(above.scope))}</span>
      </span>
    );
  }
  if (!grant) return <span className="hint">—</span>;
  if (mayChange && !hasEnded(grant)) {
    return <RoleMenu collaborator={collaborator} grant={grant} onAct={onAct} />;
  }
  return <RoleText grant={grant} />;
}

/** A role, with whether it is in effect. */
export function RoleText({ grant }: { grant: Grant }) {
  const { grid } = useWords();
  const { roleName } = useRoleWords();
  const note = hasEnded(grant) ? grid.ended : grant.overridden ? grid.overridden : undefined;
  return (
    <span data-overridden={grant.overridden} data-ended={hasEnded(grant)} title={note}>
      {roleName(grant.role)}
      {grant.role === "custom" && <span className="hint"> ({grid.rights(grant.permissions.length)})</span>}
      {note && <span className="sr"> – {note}</span>}
    </span>
  );
}

/** The other grants: two of them, and how many more. */
export function ElsewhereCell({ collaborator, scope }: CellProps) {
  const words = useWords();
  const { roleName } = useRoleWords();
  const { nameOf } = useNames();
  const printing = useContext(Printing);
  const labelOf = useLabelOf();
  const pathOf = usePersonPath(scope);
  const { above, below } = grantsElsewhere(collaborator, scope);
  const others = [...(directGrant(collaborator, scope) ? above : above.slice(1)), ...below];
  if (others.length === 0) return null;
  const text = (grant: Grant) => `${roleName(grant.role)} · ${nameOf(grant.scope)}`;
  return (
    <span className="chips">
      {others.slice(0, printing ? others.length : SHOWN).map((grant) => (
        <span
          key={grant.scope}
          className="chip"
          data-ended={hasEnded(grant)}
          data-overridden={grant.overridden}
          title={text(grant)}
        >
          {text(grant)}
          {!isBelow(grant.scope, scope) && <span className="sr"> – {words.grid.inheritedFrom}</span>}
        </span>
      ))}
      {others.length > SHOWN && !printing && (
        <Link
          className="chip"
          href={pathOf(collaborator.id)}
          title={others.slice(SHOWN).map(text).join("\n")}
          aria-label={words.grid.others(labelOf(collaborator), others.length - SHOWN)}
        >
          +{others.length - SHOWN}
        </Link>
      )}
    </span>
  );
}

/** The end of the access at this scope, to be changed in place. */
export function EndCell({ collaborator, scope, onAct, mayChange }: ActiveProps & { mayChange: boolean }) {
  const { dates } = useWords();
  const grant = directGrant(collaborator, scope) ?? grantsElsewhere(collaborator, scope).above[0];
  if (!grant) return <SoonestEnd collaborator={collaborator} scope={scope} />;
  if (mayChange && grant.scope === scope && grant.role !== "owner") {
    return <EndMenu collaborator={collaborator} grant={grant} onAct={onAct} />;
  }
  return <TimeCell time={grant.endsAt} none={dates.none} />;
}

/** The first end of the access below, and where. */
function SoonestEnd({ collaborator, scope }: CellProps) {
  const { nameOf } = useNames();
  const [first] = grantsElsewhere(collaborator, scope)
    .below.filter((grant) => grant.endsAt !== null && !hasEnded(grant))
    .sort((one, other) => String(one.endsAt).localeCompare(String(other.endsAt)));
  if (!first) return null;
  return (
    <>
      <TimeCell time={first.endsAt} none="" />
      <span className="hint"> {nameOf(first.scope)}</span>
    </>
  );
}

/** When the person was last here. A badge shows what is out of the ordinary. */
export function StatusCell({ collaborator, onFix }: { collaborator: Collaborator; onFix?: () => void }) {
  const words = useWords();
  const dates = useDates();
  const { invitation, declined, position, status, lastLoginAt, lastRefusedLoginAt } = collaborator;
  const { grid } = words;
  const delivery = invitation?.delivery;
  if (status === "pending" && (delivery === "bounced" || delivery === "failed")) {
    return (
      <>
        <span className="badge" data-status="lost">
          <Icon of="alert" /> {words.delivery[invitation?.suppressed ? "suppressed" : delivery]}
        </span>
        {onFix && (
          <button type="button" className="link" onClick={onFix}>
            {grid.fix}
          </button>
        )}
      </>
    );
  }
  if (status !== "active") {
    return (
      <>
        <span className="badge" data-status={status}>
          {words.statuses[status]}
        </span>
        {status === "pending" && invitation && (
          <span className="hint" title={grid.validUntil(dates.day(invitation.expiresAt))}>
            {invitation.remindedAt
              ? grid.remindedAgo(dates.relative(invitation.remindedAt))
              : invitation.sentAt
                ? grid.sentAgo(dates.relative(invitation.sentAt))
                : invitation.delivery === "none"
                  ? grid.notSent
                  : grid.sending}
          </span>
        )}
        {status === "expired" && invitation && (
          <span className="hint" data-lost={Boolean(invitation.renewalRequestedAt)}>
            {invitation.renewalRequestedAt ? grid.asks : grid.expiredOn(dates.day(invitation.expiresAt))}
          </span>
        )}
        {declined && (
          <span className="hint" title={declined.reason}>
            {grid.on(dates.day(declined.at))}
          </span>
        )}
        {position && <span className="hint">{grid.place(position)}</span>}
      </>
    );
  }
  return (
    <>
      {lastLoginAt ? (
        <time dateTime={lastLoginAt} title={dates.moment(lastLoginAt)}>
          {dates.relative(lastLoginAt)}
        </time>
      ) : (
        <span className="hint">{words.dates.never}</span>
      )}
      {lastRefusedLoginAt && (
        <span className="hint" data-lost={true}>
          {grid.loginRefused(dates.day(lastRefusedLoginAt))}
        </span>
      )}
    </>
  );
}

/** A time, or the text `none`. */
export function TimeCell({ time, none }: { time: string | null | undefined; none: string }) {
  const dates = useDates();
  if (!time) return <span className="hint">{none}</span>;
  return (
    <time dateTime={time} title={dates.moment(time)}>
      {dates.day(time)}
    </time>
  );
}
