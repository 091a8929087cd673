import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useLocation } from "wouter";
import { api, type Collaborator, data } from "../api/client";
import { useNames } from "../api/names";
import { entitiesOf, PERMISSIONS } from "../api/permissions";
import { asProblem } from "../api/problem";
import { useCollaborator, useOwnAccess } from "../api/queries";
import { ownAccessIn, permissionsAt } from "../api/scopes";
import { AccessDialog } from "../grid/access";
import { StatusCell, TimeCell } from "../grid/columns";
import { GrantLabel } from "../grid/grant-label";
import { directGrant, hasEnded } from "../grid/grants";
import { useResend } from "../grid/resend";
import { RevokeDialog } from "../grid/revoke";
import { SuspensionButton } from "../grid/suspension";
import { useIsMe } from "../session/provider";
import { actorName, displayName } from "../ui/display-name";
import { Icon } from "../ui/icon";
import { PlatformLink } from "../ui/platform-link";
import { ProblemNote } from "../ui/problem";
import { Rights, RightsTable } from "../ui/rights";
import { Loaded } from "../ui/state";
import { Table } from "../ui/table";
import { Title } from "../ui/title";
import { useDates, useWords } from "../words/provider";
import { HistoryList } from "./history";

/** One collaborator: their grants and who granted them, their rights and where each comes from, and their history. */
export function CollaboratorPage({ scope, id }: { scope: string; id: string }) {
  const words = useWords();
  const { nameOf } = useNames();
  const access = useOwnAccess();
  const found = useCollaborator(scope, id, true);
  const may = permissionsAt(access.data, scope);
  const missing = found.error && asProblem(found.error).code === "collaborator-not-found";
  return (
    <>
      <p>
        <Link href={`/scopes/${scope}`}>← {words.grid.title(nameOf(scope))}</Link>
      </p>
      {missing ? (
        <Title>{words.collaborator.missing}</Title>
      ) : (
        <Loaded of={found}>
          {found.data && (
            <Details scope={scope} collaborator={found.data} mayManage={may.has("access:manage")} />
          )}
        </Loaded>
      )}
      {may.has("history:view") && (
        <section>
          <h2>{words.collaborator.history}</h2>
          <HistoryList scope={scope} collaborator={id} />
        </section>
      )}
    </>
  );
}

/** The user's own record at a scope, for users who cannot see who else has access there. */
export function OwnRecord({ scope }: { scope: string }) {
  const { grid } = useWords();
  const access = useOwnAccess();
  const found = useCollaborator(scope, ownAccessIn(access.data, scope)?.collaborator ?? "", true);
  return (
    <Loaded of={found}>
      <p className="note">{grid.mayNotList}</p>
      <p>
        <PlatformLink className="button" />
      </p>
      {found.data && <Details scope={scope} collaborator={found.data} mayManage={false} />}
    </Loaded>
  );
}

interface Props {
  scope: string;
  collaborator: Collaborator;
  mayManage: boolean;
}

function Details({ scope, collaborator, mayManage }: Props) {
  const words = useWords();
  const isMe = useIsMe()(collaborator);
  const isOwner = directGrant(collaborator, scope)?.role === "owner";
  return (
    <>
      <Title>{displayName(collaborator)}</Title>
      <div className="facts">
        <span>{collaborator.email}</span>
        <StatusCell collaborator={collaborator} />
        <span>
          {words.grid.lastLogin + words.colon}
          <TimeCell time={collaborator.lastLoginAt} none={words.dates.never} />
        </span>
      </div>
      {mayManage && !isMe && <Buttons scope={scope} collaborator={collaborator} />}
      <section>
        <h2>{words.collaborator.grants}</h2>
        <Grants collaborator={collaborator} />
      </section>
      <section>
        <h2>{words.collaborator.why}</h2>
        <Reasons scope={scope} collaborator={collaborator} />
      </section>
      {isMe && !isOwner && <Leave scope={scope} collaborator={collaborator} />}
    </>
  );
}

/** The actions of the user on another collaborator's access. */
function Buttons({ scope, collaborator }: { scope: string; collaborator: Collaborator }) {
  const words = useWords();
  const [open, setOpen] = useState<"role" | "revoke">();
  const [, navigate] = useLocation();
  const close = () => setOpen(undefined);
  const isOwner = directGrant(collaborator, scope)?.role === "owner";
  return (
    <>
      <div className="buttons start">
        {!isOwner && (
          <button type="button" onClick={() => setOpen("role")}>
            <Icon of="pencil" /> {words.grid.edit(displayName(collaborator))}
          </button>
        )}
        {collaborator.invitation && <Resend scope={scope} collaborator={collaborator} />}
        <SuspensionButton scope={scope} collaborator={collaborator} />
        {!isOwner && (
          <button type="button" className="danger" onClick={() => setOpen("revoke")}>
            <Icon of="bin" /> {words.grid.revoke}
          </button>
        )}
      </div>
      {open === "role" && <AccessDialog scope={scope} collaborator={collaborator} onClose={close} />}
      {open === "revoke" && (
        <RevokeDialog
          scope={scope}
          collaborators={[collaborator]}
          onClose={close}
          onRevoked={() => navigate(`/scopes/${scope}`)}
        />
      )}
    </>
  );
}

/** Gives up one's own access; at the end of the page, since few come for it. */
function Leave({ scope, collaborator }: { scope: string; collaborator: Collaborator }) {
  const { revoke } = useWords();
  const [open, setOpen] = useState(false);
  const [, navigate] = useLocation();
  return (
    <div className="buttons start">
      <button type="button" className="plain" onClick={() => setOpen(true)}>
        {revoke.leave}
      </button>
      {open && (
        <RevokeDialog
          scope={scope}
          collaborators={[collaborator]}
          leaving
          onClose={() => setOpen(false)}
          onRevoked={() => navigate("/")}
        />
      )}
    </div>
  );
}

function Resend({ scope, collaborator }: { scope: string; collaborator: Collaborator }) {
  const { resend } = useWords();
  const { sending, left } = useResend(scope, collaborator);
  return (
    <>
      <button
        type="button"
        className="plain"
        disabled={left > 0 || sending.isPending}
        onClick={() => sending.mutate()}
      >
        <Icon of="plane" /> {left > 0 ? resend.wait(left) : resend.button}
      </button>
      {sending.error && <ProblemNote error={sending.error} onRetry={() => sending.mutate()} />}
    </>
  );
}

function Grants({ collaborator }: { collaborator: Collaborator }) {
  const words = useWords();
  const { collaborator: labels, dates } = words;
  const times = useDates();
  return (
    <Table label={labels.grants} columns={[labels.role, labels.by, labels.at, labels.ends]}>
      {collaborator.grants.map((grant) => (
        <tr key={grant.scope} data-ended={hasEnded(grant)}>
          <th scope="row">
            <GrantLabel grant={{ ...grant, expiresAt: null }} />
          </th>
          <td>{actorName(grant.grantedBy, words)}</td>
          <td>{times.moment(grant.grantedAt)}</td>
          <td>
            <TimeCell time={grant.expiresAt} none={dates.none} />
          </td>
        </tr>
      ))}
    </Table>
  );
}

/** The grant behind each right, from the API's checks of all permissions in one request. */
function Reasons({ scope, collaborator }: { scope: string; collaborator: Collaborator }) {
  const words = useWords();
  const { email, grants, id, status, version } = collaborator;
  const { nameOf } = useNames();
  const checked = useQuery({
    queryKey: ["why", scope, id, version],
    queryFn: async () => {
      const checks = PERMISSIONS.map((permission) => ({ email, scope, permission }));
      return (await data(api.POST("/v1/checks", { body: { checks } }))).results;
    },
  });
  const because = new Map(
    PERMISSIONS.map((permission, index) => [permission, checked.data?.[index]?.because]),
  );
  const allowed = PERMISSIONS.filter((permission) => because.get(permission));
  if (status === "pending") {
    return (
      <>
        <p>{words.collaborator.pending}</p>
        <Rights rights={new Set(grants.flatMap(({ permissions }) => permissions))} />
      </>
    );
  }
  return (
    <Loaded of={checked}>
      <p className="hint">{words.collaborator.whyHelp(nameOf(scope))}</p>
      {allowed.length === 0 && <p>{words.collaborator.nothing}</p>}
      {allowed.length > 0 && (
        <RightsTable
          label={words.collaborator.why}
          entities={entitiesOf(allowed)}
          cell={(permission) => {
            const grant = because.get(permission);
            return grant && [words.roles[grant.role], nameOf(grant.scope)].filter(Boolean).join(" · ");
          }}
        />
      )}
    </Loaded>
  );
}
