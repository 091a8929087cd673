import type { Grant } from "../api/client";
import { useNames } from "../api/names";
import { useRoleWords } from "../api/roles";
import { useDates, useWords } from "../words/provider";
import { hasEnded } from "./grants";

/** A grant in one line: role, scope, end, and whether it is in effect. */
export function GrantLabel({ grant }: { grant: Grant }) {
  const { grid, history } = useWords();
  const { roleName } = useRoleWords();
  const dates = useDates();
  const { nameOf } = useNames();
  const { role, scope, endsAt } = grant;
  return (
    <span className="grant" data-ended={hasEnded(grant)} data-overridden={grant.overridden}>
      {roleName(role)} · {nameOf(scope)}
      {endsAt && <span className="hint"> {history.endsAt(dates.day(endsAt))}</span>}
      {hasEnded(grant) && <span className="hint"> – {grid.ended}</span>}
      {grant.overridden && <span className="hint"> – {grid.overridden}</span>}
    </span>
  );
}
