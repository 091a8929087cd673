import type { Collaborator } from "../api/client";
import { Dialog } from "../ui/dialog";
import { useWords } from "../words/provider";
import { GrantText, type State } from "./grant-text";
import { directGrant } from "./grants";

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
