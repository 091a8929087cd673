import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Link } from "wouter";
import { api, type Collaborator, data, type FoundPerson, type Permission } from "../api/client";
import { useNames } from "../api/names";
import { PERMISSIONS } from "../api/permissions";
import { useRoleWords } from "../api/roles";
import { hasEnded } from "../grid/grants";
import { Avatar } from "../ui/avatar";
import { displayName } from "../ui/display-name";
import { isolated } from "../ui/isolated";
import { ProblemNote } from "../ui/problem";
import { SelectField } from "../ui/select-field";
import { Table } from "../ui/table";
import type { Words } from "../words/fr";
import { useDates, useOwnWords, useWords } from "../words/provider";
import { support as en } from "../words/support-en";
import { support as fr } from "../words/support-fr";

/** A person in one client: their status, access and mails, and why they may do something. */
export function SupportPerson({ found: { client, collaborator } }: { found: FoundPerson }) {
  const words = useOwnWords({ fr, en });
  const { roles, statuses, dates: none } = useWords();
  const dates = useDates();
  const { nameOf } = useNames();
  const { invitation, lastRefusedLoginAt: refused, status } = collaborator;
  return (
    <article className="card support-person">
      <h3>
        <bdi>{client.name}</bdi>
      </h3>
      <div className="panel-head">
        <Avatar of={collaborator} />
        <div>
          <bdi>{collaborator.name ?? collaborator.email}</bdi>{" "}
          <span className="badge" data-status={status}>
            {statuses[status]}
          </span>
        </div>
      </div>
      <dl className="figures">
        <div>
          <dt>{words.lastLogin}</dt>
          <dd>
            {collaborator.lastLoginAt ? dates.moment(collaborator.lastLoginAt) : none.never}
            {refused && <p className="hint">{words.refused(dates.moment(refused))}</p>}
          </dd>
        </div>
        {invitation && (
          <div>
            <dt>{words.delivery}</dt>
            <dd>
              {words.deliveries[invitation.delivery]}
              <p className="hint">
                {invitation.sentAt && `${dates.moment(invitation.sentAt)}, `}
                {words.validUntil(dates.day(invitation.expiresAt))}
              </p>
            </dd>
          </div>
        )}
      </dl>
      <Table label={words.where} columns={[words.where, words.role, words.ends]}>
        {collaborator.grants.map((grant) => (
          <tr key={grant.scope}>
            <th scope="row">
              <Link href={`/scopes/${grant.scope}`}>{nameOf(grant.scope)}</Link>
            </th>
            <td>
              <span data-ended={hasEnded(grant)}>{roles[grant.role]}</span>
            </td>
            <td>{grant.endsAt ? dates.day(grant.endsAt) : <span className="hint">{none.none}</span>}</td>
          </tr>
        ))}
      </Table>
      <p>
        <Link href={`/scopes/${client.id}/people/${collaborator.id}`}>
          {words.open(isolated(client.name))}
        </Link>
      </p>
      <Why client={client.id} person={collaborator} />
    </article>
  );
}

/** A question about one permission at one scope, and its answer in a sentence. */
function Why({ client, person }: { client: string; person: Collaborator }) {
  const words = useOwnWords({ fr, en });
  const texts = useWords();
  const { roleName } = useRoleWords();
  const { scopes, nameOf } = useNames();
  const places = scopes.filter(({ id }) => id === client || id.startsWith(`${client}:`));
  const [scope, setScope] = useState(person.grants[0]?.scope ?? client);
  const [permission, setPermission] = useState<Permission>("contacts:export");
  const [asked, setAsked] = useState<{ scope: string; permission: Permission }>();
  const asking = useQuery({
    queryKey: ["why", asked?.scope, person.id, person.version, asked?.permission],
    enabled: asked !== undefined,
    queryFn: async () => {
      const checks = asked ? [{ email: person.email, ...asked }] : [];
      const { results } = await data(api.POST("/v1/checks", { body: { checks } }));
      return results[0]?.because ?? null;
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setAsked({ scope, permission });
  };
  const who = displayName(person);
  const because = asking.data;
  const label = asked && rightName(asked.permission, texts);
  return (
    <form className="support-form" onSubmit={submit}>
      <h4>{words.why}</h4>
      <SelectField
        label={words.scope}
        value={scope}
        options={places.map(({ id }) => [id, nameOf(id)])}
        onChange={setScope}
      />
      <SelectField
        label={words.right}
        value={permission}
        options={PERMISSIONS.map((each) => [each, rightName(each, texts)])}
        onChange={setPermission}
      />
      <button type="submit" className="plain" disabled={asking.isFetching}>
        {words.ask}
      </button>
      {asking.error && <ProblemNote error={asking.error} onRetry={() => void asking.refetch()} />}
      {asked && label && because !== undefined && (
        <p role="status" className="support-answer">
          {because
            ? `${words.allowed(who, label, nameOf(asked.scope))} ${words.because(
                roleName(because.role),
                nameOf(because.scope),
              )}`
            : `${words.denied(who, label, nameOf(asked.scope))} ${
                person.status === "active" ? words.noGrant : words.notActive
              }`}
        </p>
      )}
    </form>
  );
}

/** A permission in words: "Contacts: export". */
function rightName(permission: Permission, words: Words): string {
  const [entity, action] = permission.split(":") as [keyof Words["entities"], keyof Words["actions"]];
  return words.entities[entity] + words.colon + words.actions[action];
}
