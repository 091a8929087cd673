import { useState } from "react";
import type { Collaborator, Grant } from "../api/client";
import { useNames } from "../api/names";
import { permissionsAt, reachOf } from "../api/scopes";
import { Dialog } from "../ui/dialog";
import { displayName } from "../ui/display-name";
import { useWords } from "../words/provider";
import { GrantLabel } from "./grant-label";
import { directGrant } from "./grants";
import { RoleDialog } from "./role";

interface Props {
  scope: string;
  collaborator: Collaborator;
  onClose: () => void;
}

/**
 * The pencil: changes the grant at this scope. Without one, it shows the grants that there are, each to be changed where
 * it stands; giving one more role here is a choice of its own.
 */
export function AccessDialog({ scope, collaborator, onClose }: Props) {
  const { role: words, revoke } = useWords();
  const { nameOf, access, scopes } = useNames();
  const direct = directGrant(collaborator, scope);
  const [at, setAt] = useState(direct?.scope);
  if (at) return <RoleDialog scope={at} collaborator={collaborator} onClose={onClose} />;
  const mayChange = (grant: Grant) =>
    grant.role !== "owner" && permissionsAt(access, grant.scope).has("access:manage");
  return (
    <Dialog title={words.title(displayName(collaborator))} onClose={onClose}>
      <p>{words.elsewhere(nameOf(scope))}</p>
      <ul className="plain-list choices">
        {collaborator.grants.map((grant) => (
          <li key={grant.scope}>
            <GrantLabel grant={grant} />
            {mayChange(grant) ? (
              <button
                type="button"
                className="plain"
                aria-label={words.changeAt(nameOf(grant.scope))}
                onClick={() => setAt(grant.scope)}
              >
                {words.change}
              </button>
            ) : (
              <span className="hint">{grant.role === "owner" ? revoke.owner : words.notYours}</span>
            )}
          </li>
        ))}
      </ul>
      <div className="buttons start">
        <button type="button" className="plain" onClick={() => setAt(scope)}>
          {words.give(nameOf(scope), reachOf(scopes, scope))}
        </button>
      </div>
    </Dialog>
  );
}
