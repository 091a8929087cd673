import { useState } from "react";
import { Link, useLocation } from "wouter";
import type { Collaborator, Grant } from "../api/client";
import { useIsMe } from "../api/is-me";
import { useNames } from "../api/names";
import { asProblem } from "../api/problem";
import { useCollaborator } from "../api/queries";
import { clientOf, permissionsAt } from "../api/scopes";
import { type Act, useMay } from "../grid/actions";
import { EndMenu, RoleMenu } from "../grid/change-menus";
import { RoleText, StatusCell, TimeCell } from "../grid/columns";
import { ActDialog } from "../grid/dialogs";
import { directGrant, hasEnded } from "../grid/grants";
import { RevokeDialog } from "../grid/revoke";
import { useWait } from "../grid/row-menu";
import { Avatar } from "../ui/avatar";
import { Dialog } from "../ui/dialog";
import { actorName, displayName } from "../ui/display-name";
import { Icon } from "../ui/icon";
import { Loaded } from "../ui/state";
import { useDates, useWords } from "../words/provider";
import { HistoryList } from "./history-list";
import { Reasons } from "./reasons";

/** The id of a collaborator. */
const ID = /^[a-z2-7]{26}$/;

interface Props {
  scope: string;
  id: string;
  onClose: () => void;
}

/** A person beside the list: their access, to be changed where it stands, what they can do and why, their history. */
export function PersonPanel({ scope, id, onClose }: Props) {
  const words = useWords();
  const { access } = useNames();
  // A user who sees the client sees all the access of the person.
  const client = clientOf(scope);
  const isWhole = permissionsAt(access, client).has("access:view");
  const isId = ID.test(id);
  const found = useCollaborator(isWhole ? client : scope, id, true, isId);
  const missing = !isId || (found.error && asProblem(found.error).code === "collaborator-not-found");
  const title = found.data ? displayName(found.data) : words.collaborator.title;
  return (
    <Dialog
      title={missing ? words.collaborator.missing : title}
      place="side"
      onClose={onClose}
      foot={found.data && !missing && <Foot scope={scope} person={found.data} onClose={onClose} />}
    >
      {missing ? (
        <p>{words.collaborator.missingHelp}</p>
      ) : (
        <Loaded of={found} lines={6}>
          {found.data && <Details scope={scope} person={found.data} />}
        </Loaded>
      )}
      {isId && permissionsAt(access, scope).has("history:view") && (
        <section>
          <h2>{words.collaborator.history}</h2>
          <HistoryList scope={scope} query={{ collaborator: id }} />
        </section>
      )}
    </Dialog>
  );
}

interface PersonProps {
  scope: string;
  person: Collaborator;
}

function Details({ scope, person }: PersonProps) {
  const words = useWords();
  const may = useMay();
  const [act, setAct] = useState<Act>();
  const wait = useWait(person);
  const handles = may.handle(person, scope);
  const isSuspended = person.status === "suspended";
  const canHandle = handles && may.alter(person);
  const { nameOf } = useNames();
  return (
    <>
      <div className="panel-head">
        <Avatar of={person} large />
        <div>
          <div>
            {person.email}{" "}
            {canHandle && (
              <button
                type="button"
                className="link"
                onClick={() => setAct({ do: "address", people: [person] })}
              >
                {words.address.button}
              </button>
            )}
          </div>
          <div className="hint">
            {words.grid.lastLogin + words.colon}
            <TimeCell time={person.lastLoginAt} none={words.dates.never} />
          </div>
          {person.status !== "active" && <StatusCell collaborator={person} />}
          {person.declined?.reason && <blockquote>{person.declined.reason}</blockquote>}
        </div>
      </div>
      <div className="buttons">
        {may.manages(scope) && (person.invitation || person.declined) && (
          <button
            type="button"
            className="plain"
            disabled={wait > 0}
            onClick={() => setAct({ do: "remind", people: [person] })}
          >
            <Icon of="plane" />{" "}
            {person.declined ? words.resend.again : wait > 0 ? words.resend.wait(wait) : words.resend.button}
          </button>
        )}
        {canHandle && (
          <button
            type="button"
            className="plain"
            onClick={() => setAct({ do: isSuspended ? "restore" : "suspend", people: [person] })}
          >
            {isSuspended ? words.suspension.restore : words.suspension.suspend}
          </button>
        )}
      </div>
      <section>
        <h2>{words.collaborator.grants}</h2>
        <ul className="plain-list grant-list">
          {person.grants.map((grant) => (
            <GrantRow key={grant.scope} person={person} grant={grant} onAct={setAct} />
          ))}
        </ul>
        {may.change(person, scope) && (
          <p className="buttons">
            {!directGrant(person, scope) && (
              <button
                type="button"
                className="plain"
                onClick={() => setAct({ do: "role", people: [person], scope })}
              >
                <Icon of="plus" /> {words.role.give(nameOf(scope))}
              </button>
            )}
            <button type="button" className="plain" onClick={() => setAct({ do: "give", people: [person] })}>
              <Icon of="plus" /> {words.grid.give}
            </button>
          </p>
        )}
      </section>
      <section>
        <h2>{words.collaborator.why}</h2>
        <p className="hint">{words.collaborator.whyHelp(nameOf(scope))}</p>
        <Reasons scope={scope} collaborator={person} />
      </section>
      <ActDialog scope={scope} act={act} onClose={() => setAct(undefined)} />
    </>
  );
}

interface GrantProps {
  person: Collaborator;
  grant: Grant;
  onAct: (act: Act) => void;
}

/** One grant: its scope and who gave it, its role and end, and how to remove it. */
function GrantRow({ person, grant, onAct }: GrantProps) {
  const words = useWords();
  const dates = useDates();
  const { nameOf } = useNames();
  const may = useMay();
  const canChange = may.change(person, grant.scope);
  const isOver = hasEnded(grant);
  return (
    <li>
      <div>
        <strong>{nameOf(grant.scope)}</strong>
        <span className="hint">
          {words.collaborator.given(actorName(grant.grantedBy, words), dates.day(grant.grantedAt))}
        </span>
      </div>
      <div>
        {canChange && !isOver ? (
          <RoleMenu collaborator={person} grant={grant} onAct={onAct} />
        ) : (
          <RoleText grant={grant} />
        )}
      </div>
      <div>
        {canChange ? (
          <EndMenu collaborator={person} grant={grant} onAct={onAct} />
        ) : (
          <TimeCell time={grant.endsAt} none={words.dates.none} />
        )}
      </div>
      {canChange && (
        <button
          type="button"
          className="quiet"
          aria-label={words.revoke.at(nameOf(grant.scope))}
          title={words.revoke.at(nameOf(grant.scope))}
          onClick={() => onAct({ do: "revoke", people: [person], scope: grant.scope })}
        >
          <Icon of="bin" />
        </button>
      )}
    </li>
  );
}

/** Removing all the access, or leaving: at the foot, since few come for it. */
function Foot({ scope, person, onClose }: PersonProps & { onClose: () => void }) {
  const { revoke, grid, history } = useWords();
  const { nameOf, access } = useNames();
  const [act, setAct] = useState<Act>();
  const [leaving, setLeaving] = useState(false);
  const may = useMay();
  const isMe = useIsMe()(person);
  const [, navigate] = useLocation();
  const client = clientOf(scope);
  const everywhere = may.handle(person, scope);
  const isOwner = person.grants.some(({ role }) => role === "owner");
  return (
    <div className="buttons end">
      {permissionsAt(access, scope).has("history:view") && (
        <Link className="button plain" href={`/scopes/${scope}/history?person=${person.id}`}>
          {history.all}
        </Link>
      )}
      {!isMe && (everywhere || may.change(person, scope)) && !isOwner && (
        <button
          type="button"
          className="danger"
          onClick={() =>
            setAct({
              do: "revoke",
              people: [person],
              scope: everywhere ? client : scope,
              everywhere: true,
            })
          }
        >
          <Icon of="bin" /> {everywhere ? revoke.everywhere : grid.revoke}
        </button>
      )}
      {isMe && !isOwner && directGrant(person, scope) && (
        <button type="button" className="plain" onClick={() => setLeaving(true)}>
          {revoke.leaveOf(nameOf(scope))}
        </button>
      )}
      <ActDialog scope={scope} act={act} onClose={() => setAct(undefined)} onRevoked={onClose} />
      {leaving && (
        <RevokeDialog
          scope={scope}
          collaborators={[person]}
          leaving
          onClose={() => setLeaving(false)}
          onRevoked={() => navigate("/")}
        />
      )}
    </div>
  );
}
