import { useState } from "react";
import type { GivenRole, Seats } from "../api/client";
import { useNames } from "../api/names";
import { Dialog } from "../ui/dialog";
import { useWords } from "../words/provider";
import { InviteMany } from "./many";
import { InviteOne } from "./one";

interface Props {
  scope: string;
  roles: readonly GivenRole[];
  seats: Seats | undefined;
  onClose: () => void;
}

/** Invites one person or several. */
export function InviteDialog({ scope, roles, seats, onClose }: Props) {
  const { invite } = useWords();
  const { nameOf } = useNames();
  const [many, setMany] = useState(false);
  const [busy, setBusy] = useState(false);
  const free = seats && seats.limit !== null ? Math.max(0, seats.limit - seats.used) : undefined;
  const form = { scope, roles, free, onBusy: setBusy, onClose };
  return (
    <Dialog title={invite.title(nameOf(scope))} onClose={onClose} busy={busy}>
      <fieldset className="switch">
        <legend className="sr">{invite.how}</legend>
        {[false, true].map((option) => (
          <label key={String(option)} className="choice">
            <input
              type="radio"
              name="how"
              checked={many === option}
              onChange={() => setMany(option)}
              disabled={busy}
            />
            {option ? invite.many : invite.one}
          </label>
        ))}
      </fieldset>
      {free !== undefined && <p className="hint">{invite.seatsAfter(free)}</p>}
      {/* Both forms stay mounted, so that switching loses no input. */}
      <div hidden={many}>
        <InviteOne {...form} />
      </div>
      <div hidden={!many}>
        <InviteMany {...form} />
      </div>
    </Dialog>
  );
}
