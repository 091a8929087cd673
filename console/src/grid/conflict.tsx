import type { Collaborator, GrantState, Permission, Role } from "../api/client";
import { Dialog } from "../ui/dialog";
import type { Words } from "../words/fr";
import { useDates, useWords } from "../words/provider";
import { directGrant } from "./grants";

/** What a grant is to be, or is. */
interface State {
  role: Role;
  permissions?: readonly Permission[];
  expiresAt: string | null;
}

interface Props {
  who: string;
  scope: string;
  read: Collaborator;
  now: Collaborator | "gone";
  wanted: State;
  busy: boolean;
  onMine: (version: number) => void;
  onTheirs: () => void;
}

/** Two people at once: what was read, what counts now and what is wanted, side by side; nothing is overwritten unasked. */
export function Conflict({ who, scope, read, now, wanted, busy, onMine, onTheirs }: Props) {
  const words = useWords();
  const { conflict } = words;
  return (
    <Dialog title={conflict.title} onClose={onTheirs} busy={busy}>
      <p>{now === "gone" ? conflict.gone : conflict.lead}</p>
      <p>
        <strong>{who}</strong>
      </p>
      <dl className="compare">
        <dt>{conflict.read}</dt>
        <dd>
          <GrantText state={directGrant(read, scope)} />
        </dd>
        <dt>{conflict.now}</dt>
        <dd className="now">
          {now === "gone" ? words.history.nothing : <GrantText state={directGrant(now, scope)} />}
        </dd>
        <dt>{conflict.wanted}</dt>
        <dd>
          <GrantText state={wanted} />
        </dd>
      </dl>
      <div className="buttons">
        <button type="button" onClick={onTheirs}>
          {now === "gone" ? words.close : conflict.theirs}
        </button>
        {now !== "gone" && (
          <button type="button" className="plain" onClick={() => onMine(now.version)}>
            {conflict.mine}
          </button>
        )}
      </div>
    </Dialog>
  );
}

/** A grant in words: role, rights if they were chosen, end. */
export function GrantText({ state }: { state: State | GrantState | null | undefined }) {
  const words = useWords();
  const dates = useDates();
  if (!state) return words.history.nothing;
  const ends = state.expiresAt ? ` → ${dates.moment(state.expiresAt)}` : "";
  const rights =
    state.role === "custom" && state.permissions ? ` (${rightsText(state.permissions, words)})` : "";
  const status =
    "status" in state && state.status !== "active" ? `, ${words.statuses[state.status].toLowerCase()}` : "";
  return `${words.roles[state.role]}${rights}${status}${ends}`;
}

/** Rights in a line, entity by entity. */
function rightsText(permissions: readonly Permission[], words: Words): string {
  const byEntity = new Map<keyof Words["entities"], string[]>();
  for (const each of permissions) {
    const [entity, action] = each.split(":") as [keyof Words["entities"], keyof Words["actions"]];
    byEntity.set(entity, [...(byEntity.get(entity) ?? []), words.actions[action]]);
  }
  return [...byEntity]
    .map(([entity, actions]) => words.entities[entity] + words.colon + actions.join(", "))
    .join(words.semicolon);
}
