import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import type { ClientRole, Level, Permission } from "../api/client";
import { useNames } from "../api/names";
import { PERMISSIONS } from "../api/permissions";
import { useScope } from "../api/queries";
import { rolesOf } from "../api/roles";
import { Empty } from "../ui/empty";
import { Icon } from "../ui/icon";
import { isolated } from "../ui/isolated";
import { Loaded } from "../ui/state";
import { Title } from "../ui/title";
import { useLanguage, useWords } from "../words/provider";
import { rightsText } from "../words/rights";
import { DeleteDialog } from "./delete";
import { useEveryone } from "./effects";
import { RoleForm } from "./form";
import { useRolePageWords } from "./words";

/** The open dialog. */
type Act = { do: "edit" | "delete"; key: string } | { do: "create" };

/** The roles of a client: its own, to be created, changed and deleted, and those of the catalogue. */
export function RolesPage({ scope }: { scope: string }) {
  const words = useWords();
  const text = useRolePageWords();
  const { nameOf } = useNames();
  const found = useQuery(rolesOf(scope));
  const [act, setAct] = useState<Act>();
  const all = found.data?.roles ?? [];
  const own = all.filter(({ source }) => source === "client");
  const chosen = act && act.do !== "create" ? own.find(({ key }) => key === act.key) : undefined;
  const close = () => setAct(undefined);
  return (
    <div className="narrow">
      <div className="page-head">
        <Title>{text.title(nameOf(scope))}</Title>
        <div className="buttons">
          <button type="button" disabled={!found.data} onClick={() => setAct({ do: "create" })}>
            <Icon of="plus" /> {text.create}
          </button>
        </div>
      </div>
      <p>{text.lead}</p>
      <Loaded of={found} lines={6}>
        <h2>{text.own}</h2>
        {own.length === 0 && <Empty icon="contract" title={text.none} />}
        <ul className="role-list">
          {own.map((role) => (
            <OwnRole key={role.key} scope={scope} role={role} onAct={setAct} />
          ))}
        </ul>
        <h2>{text.catalogue}</h2>
        <p className="hint">{text.catalogueHelp}</p>
        <ul className="role-list">
          {/* Ownership is transferred, so that the API does not list it. */}
          <li>
            <Head name={words.roles.owner} help={words.roleHelp.owner} />
            <Rights permissions={PERMISSIONS} />
          </li>
          {all
            .filter(({ source }) => source === "catalogue")
            .map((role) => (
              <li key={role.key}>
                <RoleText scope={scope} role={role} />
              </li>
            ))}
        </ul>
      </Loaded>
      {(act?.do === "create" || (act?.do === "edit" && chosen)) && (
        <RoleForm client={scope} role={chosen} taken={new Set(own.map(({ key }) => key))} onClose={close} />
      )}
      {act?.do === "delete" && chosen && <DeleteDialog client={scope} role={chosen} onClose={close} />}
    </div>
  );
}

interface Props {
  scope: string;
  role: ClientRole;
}

/** A role of the client, and what can be done with it. */
function OwnRole({ scope, role, onAct }: Props & { onAct: (act: Act) => void }) {
  const text = useRolePageWords();
  const { locale } = useLanguage();
  const everyone = useEveryone(scope);
  const holders = everyone?.filter(({ grants }) => grants.some((grant) => grant.role === role.key)).length;
  const { key } = role;
  const name = isolated(role.name[locale]);
  return (
    <li>
      <RoleText scope={scope} role={role} />
      <div className="buttons">
        <Link
          href={`/scopes/${scope}?role=${key}`}
          aria-label={`${text.people(holders)}, ${text.peopleWith(name)}`}
        >
          <Icon of="people" /> {text.people(holders)}
        </Link>
        <button
          type="button"
          className="plain"
          aria-label={text.edit(name)}
          onClick={() => onAct({ do: "edit", key })}
        >
          <Icon of="pencil" /> {text.editButton}
        </button>
        <button
          type="button"
          className="plain"
          aria-label={text.remove(name)}
          onClick={() => onAct({ do: "delete", key })}
        >
          <Icon of="bin" /> {role.retiring ? text.resumeButton : text.removeButton}
        </button>
      </div>
    </li>
  );
}

/** The name of a role, what it allows and where it can be given. */
function RoleText({ scope, role }: Props) {
  const words = useWords();
  const text = useRolePageWords();
  const { locale } = useLanguage();
  const { data: here } = useScope(scope);
  const { key, levels, permissions, source } = role;
  const isAnywhere = Object.keys(text.levelNames).every((level) => levels.includes(level as Level));
  const isOffered = here?.roles.includes(key) ?? true;
  const note = role.retiring ? text.retiring : isOffered ? undefined : text.notOffered;
  return (
    <>
      <Head name={role.name[locale]} help={role.description?.[locale]} note={note} />
      {permissions.length > 0 && <Rights permissions={permissions} isOpen={source === "client"} />}
      <p className="hint">
        {isAnywhere
          ? text.anywhere
          : text.givenOn +
            words.colon +
            levels.map((level) => text.levelNames[level].toLowerCase()).join(", ")}
      </p>
    </>
  );
}

interface HeadProps {
  name: string | undefined;
  help: string | undefined;
  note?: string | undefined;
}

function Head({ name, help, note }: HeadProps) {
  return (
    <>
      <h3>
        <bdi>{name}</bdi> {note && <span className="badge">{note}</span>}
      </h3>
      {help && <p>{help}</p>}
    </>
  );
}

/** The permissions of a role, which a client's own role shows at once. */
function Rights({ permissions, isOpen = false }: { permissions: readonly Permission[]; isOpen?: boolean }) {
  const words = useWords();
  const text = useRolePageWords();
  const rights = rightsText(permissions, words);
  if (isOpen) return <p>{rights}</p>;
  return (
    <details>
      <summary>{text.allows}</summary>
      <p>{rights}</p>
    </details>
  );
}
