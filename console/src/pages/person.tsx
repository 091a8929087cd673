import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useLocation } from "wouter";
import { api, type Collaborator, data } from "../api/client";
import { useNames } from "../api/names";
import { entitiesOf, PERMISSIONS } from "../api/permissions";
import { asProblem } from "../api/problem";
import { useCollaborator, useOwnAccess, useRoles } from "../api/queries";
import { held, ownIn } from "../api/scopes";
import { StatusCell, TimeCell } from "../grid/columns";
import { GrantLabel } from "../grid/grant-label";
import { directGrant, hasEnded } from "../grid/grants";
import { useResend } from "../grid/resend";
import { RevokeDialog } from "../grid/revoke";
import { RoleDialog } from "../grid/role";
import { useIsMe } from "../session/provider";
import { Icon } from "../ui/icon";
import { called, calledActor } from "../ui/person";
import { ProblemNote } from "../ui/problem";
import { Rights, RightsTable } from "../ui/rights";
import { Loaded } from "../ui/state";
import { Table } from "../ui/table";
import { Title } from "../ui/title";
import { useDates, useWords } from "../words/provider";
import { HistoryList } from "./history";

/** One person: every grant with who gave it, every right with where it comes from, and the person's history. */
export function PersonPage({ scope, id }: { scope: string; id: string }) {
  const words = useWords();
  const { nameOf } = useNames();
  const access = useOwnAccess();
  const found = useCollaborator(scope, id, true);
  const may = held(access.data, scope);
  const missing = found.error && asProblem(found.error).code === "collaborator-not-found";
  return (
    <>
      <p>
        <Link href={`/scopes/${scope}`}>← {words.grid.title(nameOf(scope))}</Link>
      </p>
      {missing ? (
        <Title>{words.person.missing}</Title>
      ) : (
        <Loaded of={found}>
          {found.data && <Person scope={scope} person={found.data} mayManage={may.has("access:manage")} />}
        </Loaded>
      )}
      {may.has("history:view") && (
        <section>
          <h2>{words.person.history}</h2>
          <HistoryList scope={scope} collaborator={id} />
        </section>
      )}
    </>
  );
}

/** Oneself at a scope, for whoever may not see who else has access there. */
export function OwnRecord({ scope }: { scope: string }) {
  const { grid } = useWords();
  const access = useOwnAccess();
  const found = useCollaborator(scope, ownIn(access.data, scope)?.collaborator ?? "", true);
  return (
    <Loaded of={found}>
      <p className="note">{grid.mayNotList}</p>
      {found.data && <Person scope={scope} person={found.data} mayManage={false} />}
    </Loaded>
  );
}

interface Props {
  scope: string;
  person: Collaborator;
  mayManage: boolean;
}

function Person({ scope, person, mayManage }: Props) {
  const words = useWords();
  return (
    <>
      <Title>{called(person)}</Title>
      <div className="facts">
        <span>{person.email}</span>
        <StatusCell person={person} />
        <span>
          {words.grid.lastLogin + words.colon}
          <TimeCell time={person.lastLoginAt} none={words.dates.never} />
        </span>
      </div>
      <Buttons scope={scope} person={person} mayManage={mayManage} />
      <section>
        <h2>{words.person.grants}</h2>
        <Grants person={person} />
      </section>
      <section>
        <h2>{words.person.why}</h2>
        <Why scope={scope} person={person} />
      </section>
    </>
  );
}

function Buttons({ scope, person, mayManage }: Props) {
  const words = useWords();
  const [open, setOpen] = useState<"role" | "revoke">();
  const [, navigate] = useLocation();
  const roles = useRoles(scope);
  const isMe = useIsMe()(person);
  const close = () => setOpen(undefined);
  const owns = directGrant(person, scope)?.role === "owner";
  return (
    <>
      <p className="buttons start">
        {mayManage && !isMe && !owns && (
          <button type="button" onClick={() => setOpen("role")}>
            <Icon of="pencil" /> {words.grid.edit(called(person))}
          </button>
        )}
        {mayManage && person.invitation && <Resend scope={scope} person={person} />}
        {(isMe || mayManage) && !owns && (
          <button type="button" className="danger" onClick={() => setOpen("revoke")}>
            <Icon of="bin" /> {isMe ? words.revoke.leave : words.grid.revoke}
          </button>
        )}
      </p>
      {open === "role" && <RoleDialog scope={scope} person={person} roles={roles} onClose={close} />}
      {open === "revoke" && (
        <RevokeDialog
          scope={scope}
          people={[person]}
          leaving={isMe}
          onClose={close}
          onTaken={() => navigate(isMe ? "/" : `/scopes/${scope}`)}
        />
      )}
    </>
  );
}

function Resend({ scope, person }: { scope: string; person: Collaborator }) {
  const { resend } = useWords();
  const { sending, left } = useResend(scope, person);
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

function Grants({ person }: { person: Collaborator }) {
  const words = useWords();
  const { person: labels, dates } = words;
  const times = useDates();
  return (
    <Table label={labels.grants} columns={[labels.role, labels.by, labels.at, labels.ends]}>
      {person.grants.map((grant) => (
        <tr key={grant.scope} data-ended={hasEnded(grant)}>
          <th scope="row">
            <GrantLabel grant={{ ...grant, expiresAt: null }} />
          </th>
          <td>{calledActor(grant.grantedBy, words)}</td>
          <td>{times.moment(grant.grantedAt)}</td>
          <td>
            <TimeCell time={grant.expiresAt} none={dates.none} />
          </td>
        </tr>
      ))}
    </Table>
  );
}

/** Why somebody has each right: the API's own answer to each question, asked all at once. */
function Why({ scope, person }: { scope: string; person: Collaborator }) {
  const words = useWords();
  const { nameOf } = useNames();
  const asked = useQuery({
    queryKey: ["why", scope, person.id, person.version],
    queryFn: async () => {
      const checks = PERMISSIONS.map((permission) => ({ email: person.email, scope, permission }));
      return (await data(api.POST("/v1/checks", { body: { checks } }))).results;
    },
  });
  const because = new Map(PERMISSIONS.map((permission, index) => [permission, asked.data?.[index]?.because]));
  const some = PERMISSIONS.filter((permission) => because.get(permission));
  if (person.status === "pending") {
    return (
      <>
        <p>{words.person.pending}</p>
        <Rights held={new Set(person.grants.flatMap(({ permissions }) => permissions))} />
      </>
    );
  }
  return (
    <Loaded of={asked}>
      <p className="hint">{words.person.whyHelp(nameOf(scope))}</p>
      {some.length === 0 && <p>{words.person.nothing}</p>}
      {some.length > 0 && (
        <RightsTable
          label={words.person.why}
          entities={entitiesOf(some)}
          cell={(permission) => {
            const grant = because.get(permission);
            return grant && words.person.because(words.roles[grant.role], nameOf(grant.scope));
          }}
        />
      )}
    </Loaded>
  );
}
