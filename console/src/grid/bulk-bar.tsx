import type { Collaborator } from "../api/client";
import { Icon } from "../ui/icon";
import { MenuButton } from "../ui/menu";
import { useToast } from "../ui/toast";
import { useWords } from "../words/provider";
import type { Act } from "./actions";
import { useEndEntries, useRoleEntries } from "./change-menus";
import { directGrant } from "./grants";
import type { Selection } from "./selection";

interface Props {
  scope: string;
  selection: Selection;
  /** Whether the view has people who are not loaded yet. */
  more: boolean;
  onSelectAll: () => void;
  onAct: (act: Act) => void;
}

/** What can be done with the selected people, at the foot of the page so that nothing moves when it appears. */
export function BulkBar({ scope, selection, more, onSelectAll, onAct }: Props) {
  const { grid, changes, resend } = useWords();
  const toast = useToast();
  const { chosen, hidden } = selection;
  // A role can be changed where there is one; for others, giving access is the action.
  const here = chosen.filter((person) => directGrant(person, scope));
  const pending = chosen.filter(({ invitation }) => invitation);
  const roles = useRoleEntries(scope, (role) => onAct({ do: "role", people: here, scope, role }));
  const ends = useEndEntries(
    (end) => onAct({ do: "role", people: here, scope, end }),
    here.some((person) => directGrant(person, scope)?.expiresAt),
  );
  const copy = async () => {
    await navigator.clipboard.writeText(chosen.map(mailbox).join("; "));
    toast(grid.copied(chosen.length));
  };
  return (
    <div className="bulk" role="toolbar" aria-label={grid.selected(chosen.length)}>
      <strong role="status">
        {grid.selected(chosen.length)}
        {hidden > 0 && <span className="hint"> {grid.outOfView(hidden)}</span>}
      </strong>
      {(!selection.isAll && selection.total > 1) || more ? (
        <button type="button" className="link" onClick={onSelectAll}>
          {grid.selectEveryone(more ? undefined : selection.total)}
        </button>
      ) : null}
      <div className="buttons">
        <MenuButton disabled={here.length === 0} entries={roles}>
          {changes.role} <Icon of="open" />
        </MenuButton>
        <MenuButton disabled={here.length === 0} entries={ends}>
          {changes.ends} <Icon of="open" />
        </MenuButton>
        <button type="button" className="plain" onClick={() => onAct({ do: "give", people: chosen })}>
          <Icon of="plus" /> {grid.give}
        </button>
        {pending.length > 0 && (
          <button type="button" className="plain" onClick={() => onAct({ do: "remind", people: pending })}>
            <Icon of="plane" /> {resend.several(pending.length)}
          </button>
        )}
        <button type="button" className="plain" onClick={() => void copy()}>
          <Icon of="copy" /> {grid.copy}
        </button>
        <button
          type="button"
          className="danger"
          onClick={() => onAct({ do: "revoke", people: chosen, scope })}
        >
          <Icon of="bin" /> {grid.revoke}
        </button>
        <button type="button" className="quiet" aria-label={grid.unselect} onClick={selection.clear}>
          <Icon of="cross" />
        </button>
      </div>
    </div>
  );
}

/** The address of a person in the form that mail programs read. */
function mailbox({ name, email }: Collaborator): string {
  const safe = name?.replaceAll(/["<>;,\\]/g, " ").trim();
  return safe ? `${safe} <${email}>` : email;
}
