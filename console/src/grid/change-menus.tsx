import type { Collaborator, GivenRole, Grant } from "../api/client";
import { useRoles, useRoleWords } from "../api/roles";
import { Icon } from "../ui/icon";
import { type Entry, MenuButton } from "../ui/menu";
import { useDates, useWords } from "../words/provider";
import type { Act } from "./actions";
import { RoleText } from "./columns";
import { type EndChange, LATER } from "./ends";
import { useLabelOf } from "./labels";

interface Props {
  collaborator: Collaborator;
  grant: Grant;
  onAct: (act: Act) => void;
}

/** A role as a menu of the roles that can be given in its place. */
export function RoleMenu({ collaborator, grant, onAct }: Props) {
  const words = useWords();
  const { roleName } = useRoleWords();
  const labelOf = useLabelOf();
  // Read when the menu opens: a person can have grants on many scopes, each with its own roles.
  const useEntries = () =>
    useRoleEntries(grant.scope, (role) =>
      onAct({ do: "role", people: [collaborator], scope: grant.scope, role }),
    );
  return (
    <MenuButton
      className="quiet cell-menu"
      label={words.grid.roleOf(labelOf(collaborator), roleName(grant.role))}
      selected={grant.role}
      useEntries={useEntries}
    >
      <RoleText grant={grant} /> <Icon of="open" />
    </MenuButton>
  );
}

/** The roles that can be given at a scope, as entries of a menu. */
export function useRoleEntries(scope: string, onRole: (role: GivenRole) => void): Entry[] {
  const { roleName, roleHelp } = useRoleWords();
  return useRoles(scope).map((role) => ({
    id: role,
    label: roleName(role),
    help: roleHelp(role),
    onAction: () => onRole(role),
  }));
}

/** The end of a grant as a menu of presets. */
export function EndMenu({ collaborator, grant, onAct }: Props) {
  const { grid, dates, ends } = useWords();
  const times = useDates();
  const labelOf = useLabelOf();
  const shown = grant.endsAt ? times.day(grant.endsAt) : dates.none;
  const entries = useEndEntries(
    (end) => onAct({ do: "role", people: [collaborator], scope: grant.scope, end }),
    grant.expiresAt !== null,
  );
  return (
    <MenuButton
      className="quiet cell-menu"
      label={grid.endOf(labelOf(collaborator), shown)}
      entries={entries}
    >
      <span className={grant.endsAt ? undefined : "hint"}>{shown}</span>
      {grant.endsAt !== grant.expiresAt && <span className="hint"> {ends.withEvent}</span>}
      {grant.outlivesEvent && <span className="hint"> {ends.outlives}</span>} <Icon of="open" />
    </MenuButton>
  );
}

/** How an end can change, as entries of a menu. Without an end, there is none to move. */
export function useEndEntries(onEnd: (end: EndChange) => void, hasEnd: boolean): Entry[] {
  const { ends } = useWords();
  const later = LATER.map((months) => ({
    id: `later-${months}`,
    label: ends.later(months),
    onAction: () => onEnd({ to: "later", months }),
  }));
  return [
    { id: "date", label: ends.choose, icon: "event", onAction: () => onEnd({ to: "date", day: "" }) },
    ...(hasEnd ? later : []),
    ...(hasEnd ? [{ id: "none", label: ends.none, onAction: () => onEnd({ to: "none" }) }] : []),
  ];
}
