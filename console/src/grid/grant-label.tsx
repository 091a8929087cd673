import type { Grant } from "../api/client";
import { useNames } from "../api/names";
import { useDates, useWords } from "../words/provider";
import { hasEnded } from "./grants";

/** A grant in one line: role, scope, end, and whether it is in effect. */
export function GrantLabel({ grant }: { grant: Grant }) {
  const words = useWords();
  const dates = useDates();
  const { names } = useNames();
  const { role, scope, level, expiresAt } = grant;
  return (
    <span className="grant" data-ended={hasEnded(grant)} data-overridden={grant.overridden}>
      {words.grid.from(words.roles[role], names.get(scope), words.levels[level].toLowerCase())}
      {expiresAt && <span className="hint"> → {dates.moment(expiresAt)}</span>}
      {hasEnded(grant) && <span className="hint"> – {words.grid.ended}</span>}
      {grant.overridden && <span className="hint"> – {words.grid.overridden}</span>}
    </span>
  );
}
