import { lazy, Suspense, useState } from "react";
import { useLocation } from "wouter";
import { useNames } from "../api/names";
import { useCollaborator, useOwnAccess } from "../api/queries";
import { ownAccessIn } from "../api/scopes";
import { RoleText, TimeCell } from "../grid/columns";
import { directGrant } from "../grid/grants";
import { actorName } from "../ui/display-name";
import { PlatformLink } from "../ui/platform-link";
import { Loaded } from "../ui/state";
import { Table } from "../ui/table";
import { Title } from "../ui/title";
import { useDates, useWords } from "../words/provider";
import { Reasons } from "./reasons";

const RevokeDialog = lazy(async () => ({ default: (await import("../grid/revoke")).RevokeDialog }));

/** The user's own access at a scope, for users who cannot see who else has access there. */
export function OwnRecord({ scope }: { scope: string }) {
  const words = useWords();
  const { nameOf } = useNames();
  const dates = useDates();
  const access = useOwnAccess();
  const id = ownAccessIn(access.data, scope)?.collaborator ?? "";
  const found = useCollaborator(scope, id, true);
  const me = found.data;
  const own = ownAccessIn(access.data, scope);
  const here = own?.tree?.find((each) => each.id === scope);
  const platformUrl = here?.platformUrl ?? own?.client.platformUrl;
  const [leaving, setLeaving] = useState(false);
  const [, navigate] = useLocation();
  const isOwner = me && directGrant(me, scope)?.role === "owner";
  return (
    <div className="narrow">
      <Title>{nameOf(scope)}</Title>
      <p>{words.grid.mayNotList}</p>
      <p>
        <PlatformLink className="button" url={platformUrl} />
      </p>
      <Loaded of={found}>
        {me && (
          <>
            <Table
              label={words.collaborator.mine}
              columns={[words.collaborator.where, words.grid.role, words.grid.ends]}
            >
              {me.grants.map((grant) => (
                <tr key={grant.scope}>
                  <th scope="row">
                    {nameOf(grant.scope)}
                    <span className="hint">
                      {words.collaborator.given(
                        actorName(grant.grantedBy, words),
                        dates.day(grant.grantedAt),
                      )}
                    </span>
                  </th>
                  <td>
                    <RoleText grant={grant} />
                  </td>
                  <td>
                    <TimeCell time={grant.endsAt} none={words.dates.none} />
                  </td>
                </tr>
              ))}
            </Table>
            <h2>{words.collaborator.whatICan}</h2>
            <Reasons scope={scope} collaborator={me} />
            {!isOwner && directGrant(me, scope) && (
              <p className="buttons spaced">
                <button type="button" className="plain" onClick={() => setLeaving(true)}>
                  {words.revoke.leaveOf(nameOf(scope))}
                </button>
              </p>
            )}
            <Suspense>
              {leaving && (
                <RevokeDialog
                  scope={scope}
                  collaborators={[me]}
                  leaving
                  onClose={() => setLeaving(false)}
                  onRevoked={() => navigate("/")}
                />
              )}
            </Suspense>
          </>
        )}
      </Loaded>
    </div>
  );
}
