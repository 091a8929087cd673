import type { Collaborator } from "../api/client";
import { Dialog } from "../ui/dialog";
import { useWords } from "../words/provider";
import { useDialogWords } from "./dialog-words";
import { type GrantInput, GrantText } from "./grant-text";
import { directGrant } from "./grants";

interface Props {
  who: string;
  scope: string;
  seen: Collaborator;
  current: Collaborator | "gone";
  change: GrantInput;
  busy: boolean;
  onSave: (version: number) => void;
  onDiscard: () => void;
}

/** An edit conflict: shows what the user saw, the current access and their change, and lets them choose. */
export function Conflict({ who, scope, seen, current, change, busy, onSave, onDiscard }: Props) {
  const words = useWords();
  const { conflict } = useDialogWords();
  return (
    <Dialog
      title={conflict.title}
      onClose={onDiscard}
      busy={busy}
      size="small"
      foot={
        <div className="buttons end">
          <button type="button" className="plain" onClick={onDiscard}>
            {current === "gone" ? words.close : conflict.discard}
          </button>
          {current !== "gone" && (
            <button type="button" onClick={() => onSave(current.version)}>
              {conflict.save}
            </button>
          )}
        </div>
      }
    >
      <p>{current === "gone" ? conflict.gone : conflict.lead}</p>
      <p>
        <strong>{who}</strong>
      </p>
      <dl className="compare">
        <dt>{conflict.seen}</dt>
        <dd>
          <GrantText state={directGrant(seen, scope)} />
        </dd>
        <dt>{conflict.current}</dt>
        <dd className="now">
          {current === "gone" ? words.history.nothing : <GrantText state={directGrant(current, scope)} />}
        </dd>
        <dt>{conflict.change}</dt>
        <dd>
          <GrantText state={change} />
        </dd>
      </dl>
    </Dialog>
  );
}
