import { useCallback, useState } from "react";
import type { Collaborator } from "../api/client";
import { useNames } from "../api/names";
import { useCollaborators, useOwnAccess, useRoles } from "../api/queries";
import { permissionsAt } from "../api/scopes";
import { AccessDialog } from "../grid/access";
import { ChangesDialog } from "../grid/changes";
import { Filters, isNarrowed, useFilter } from "../grid/filters";
import { Grid } from "../grid/grid";
import { RevokeDialog } from "../grid/revoke";
import { InviteDialog } from "../invite/dialog";
import { Icon } from "../ui/icon";
import { SeatMeter } from "../ui/meter";
import { Loaded } from "../ui/state";
import { Title } from "../ui/title";
import { useWords } from "../words/provider";
import { OwnRecord } from "./collaborator";

/** The open dialog and its subject. */
type Open =
  | { dialog: "invite" }
  | { dialog: "role"; collaborator: Collaborator }
  | { dialog: "changes" | "revoke"; collaborators: Collaborator[] };

/** The page of a scope: who has access, or the user's own record if they cannot see the others. */
export function PeoplePage({ scope }: { scope: string }) {
  const { grid } = useWords();
  const { nameOf } = useNames();
  const access = useOwnAccess();
  const may = permissionsAt(access.data, scope);
  return (
    <Loaded of={access}>
      {may.has("access:view") ? (
        <>
          <Title>{grid.title(nameOf(scope))}</Title>
          <People scope={scope} mayManage={may.has("access:manage")} />
        </>
      ) : (
        <OwnRecord scope={scope} />
      )}
    </Loaded>
  );
}

/** Loads the pages that are missing, and prints them all. */
async function printAll(found: ReturnType<typeof useCollaborators>): Promise<void> {
  let last: Pick<typeof found, "hasNextPage" | "isError" | "fetchNextPage"> = found;
  while (last.hasNextPage && !last.isError) last = await last.fetchNextPage();
  // The last page is rendered in the next task.
  if (!last.isError) setTimeout(() => print());
}

function People({ scope, mayManage }: { scope: string; mayManage: boolean }) {
  const { grid } = useWords();
  const [filter, change] = useFilter(scope);
  const found = useCollaborators(scope, filter);
  const roles = useRoles(scope);
  const [open, setOpen] = useState<Open>();
  const close = useCallback(() => setOpen(undefined), []);
  const collaborators = found.data?.pages.flatMap((page) => page.collaborators) ?? [];
  const seats = found.data?.pages[0]?.seats;
  const { sort = "email", ...shown } = filter;
  const onSort = useCallback((sort: string) => change({ sort: sort === "email" ? null : sort }), [change]);
  const onEdit = useCallback((collaborator: Collaborator) => setOpen({ dialog: "role", collaborator }), []);
  const { fetchNextPage, isFetching } = found;
  // After a failure, only the retry button loads the page again, not scrolling.
  const more = found.hasNextPage && !found.isFetchNextPageError;
  const onMore = useCallback(() => {
    if (!isFetching) void fetchNextPage();
  }, [fetchNextPage, isFetching]);
  return (
    <>
      <div className="bar">
        {seats && <SeatMeter seats={seats} />}
        <div className="buttons">
          {collaborators.length > 0 && (
            <button type="button" className="plain" onClick={() => void printAll(found)}>
              {grid.print}
            </button>
          )}
          {mayManage && (
            <button type="button" disabled={roles.length === 0} onClick={() => setOpen({ dialog: "invite" })}>
              <Icon of="plus" /> {grid.invite}
            </button>
          )}
        </div>
      </div>
      <Filters scope={scope} filter={filter} change={change} roles={["owner", ...roles]} />
      <Loaded of={found}>
        <p className="hint" role="status">
          {collaborators.length === 0
            ? isNarrowed(scope, filter)
              ? grid.none
              : grid.empty
            : grid.shown(collaborators.length, found.hasNextPage)}
        </p>
        {collaborators.length > 0 && (
          <Grid
            scope={scope}
            view={JSON.stringify(shown)}
            collaborators={collaborators}
            more={more}
            onMore={onMore}
            mayManage={mayManage}
            sort={sort}
            onSort={onSort}
            onEdit={onEdit}
            onChange={(chosen) => setOpen({ dialog: "changes", collaborators: chosen })}
            onRevoke={(chosen) => setOpen({ dialog: "revoke", collaborators: chosen })}
          />
        )}
      </Loaded>
      {open?.dialog === "invite" && (
        <InviteDialog scope={scope} roles={roles} seats={seats} onClose={close} />
      )}
      {open?.dialog === "role" && (
        <AccessDialog scope={scope} collaborator={open.collaborator} onClose={close} />
      )}
      {open?.dialog === "changes" && (
        <ChangesDialog scope={scope} collaborators={open.collaborators} onClose={close} />
      )}
      {open?.dialog === "revoke" && (
        <RevokeDialog scope={scope} collaborators={open.collaborators} onClose={close} />
      )}
    </>
  );
}
