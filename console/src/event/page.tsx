import { items } from "@coulisses/client";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Collaborator, Scope } from "../api/client";
import { useNames } from "../api/names";
import { readPage, useScope } from "../api/queries";
import { ownAccessIn, permissionsAt } from "../api/scopes";
import { directGrant } from "../grid/grants";
import { dayIn, period } from "../pages/event-dates";
import { Loaded } from "../ui/state";
import { Title } from "../ui/title";
import { useLanguage } from "../words/provider";
import { ArchiveDialog, UnarchiveButton } from "./archive";
import { CopySection } from "./copy";
import { useEventWords } from "./words";

/** When an event takes place, when access to it ends, its archive, and the team that can be brought over. */
export function EventPage({ scope }: { scope: string }) {
  const words = useEventWords();
  const { nameOf, access } = useNames();
  const found = useScope(scope);
  const mayManage = permissionsAt(access, scope).has("access:manage");
  return (
    <div className="narrow">
      <Title>{words.title(nameOf(scope))}</Title>
      <Loaded of={found}>
        {found.data && (
          <>
            <Ends scope={found.data} />
            {mayManage && <Archive scope={found.data} />}
            {mayManage && !found.data.archivedAt && <CopySection scope={found.data} />}
          </>
        )}
      </Loaded>
    </div>
  );
}

/** Everyone with a role on the event itself. */
function useTeam(scope: string) {
  return useQuery({
    queryKey: ["team", scope],
    queryFn: () => items("collaborators", (at) => readPage(scope, { inherited: false, limit: 1_000, ...at })),
  });
}

/** The people whose access ends with the event, and those whose access does not. */
function byEnd(team: readonly Collaborator[], scope: Scope) {
  const grants = team
    .map((person) => directGrant(person, scope.id))
    .filter((grant) => grant?.role !== "owner");
  return {
    ending: grants.filter((grant) => grant && grant.endsAt === scope.accessEndsAt).length,
    outliving: grants.filter((grant) => grant?.outlivesEvent).length,
  };
}

function Ends({ scope }: { scope: Scope }) {
  const words = useEventWords();
  const { locale } = useLanguage();
  const { access } = useNames();
  const zone = ownAccessIn(access, scope.id)?.client.timeZone ?? null;
  const team = useTeam(scope.id);
  const end = scope.accessEndsAt;
  const day = end && dayIn(end, locale, scope.timeZone ?? zone);
  const { ending, outliving } = byEnd(team.data ?? [], scope);
  const isPast = Boolean(end && Date.parse(end) <= Date.now());
  return (
    <dl className="figures event-dates">
      <div>
        <dt>{words.dates}</dt>
        <dd>{period(scope, locale, zone) || words.undated}</dd>
      </div>
      <div>
        <dt>{words.end}</dt>
        <dd>
          {!day && words.never}
          {day && scope.archivedAt && words.archived(day)}
          {day && !scope.archivedAt && team.data && (isPast ? words.ended : words.ends)(ending, day)}
          {day && outliving > 0 && <span className="hint"> {words.outliving(outliving)}</span>}
          {day && !isPast && <span className="hint"> {words.moves}</span>}
        </dd>
      </div>
    </dl>
  );
}

function Archive({ scope }: { scope: Scope }) {
  const words = useEventWords();
  const [isOpen, setOpen] = useState(false);
  if (scope.archivedAt) {
    return (
      <p className="buttons">
        <UnarchiveButton scope={scope} />
      </p>
    );
  }
  return (
    <p className="buttons">
      <button type="button" className="plain" onClick={() => setOpen(true)}>
        {words.archive}
      </button>
      {isOpen && <ArchiveDialog scope={scope} onClose={() => setOpen(false)} />}
    </p>
  );
}
