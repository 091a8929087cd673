import { useCallback, useState } from "react";
import type { Collaborator } from "../api/client";
import { useNames } from "../api/names";
import { useCollaborators, useOwnAccess, useRoles } from "../api/queries";
import { held } from "../api/scopes";
import { Filters, useFilter } from "../grid/filters";
import { Grid } from "../grid/grid";
import { RevokeDialog } from "../grid/revoke";
import { RoleDialog } from "../grid/role";
import { InviteDialog } from "../invite/dialog";
import { Icon } from "../ui/icon";
import { SeatMeter } from "../ui/meter";
import { Loaded } from "../ui/state";
import { Title } from "../ui/title";
import { useWords } from "../words/provider";
import { OwnRecord } from "./person";

/** Which dialog is open, and about whom. */
type Open =
  | { dialog: "invite" }
  | { dialog: "role"; person: Collaborator }
  | { dialog: "revoke"; people: Collaborator[] };

/** The page of a scope: who has access here, or oneself to whoever may not see the others. */
export function PeoplePage({ scope }: { scope: string }) {
  const { grid } = useWords();
  const { nameOf } = useNames();
  const access = useOwnAccess();
  const may = held(access.data, scope);
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

function People({ scope, mayManage }: { scope: string; mayManage: boolean }) {
  const { grid } = useWords();
  const [filter, change] = useFilter();
  const found = useCollaborators(scope, filter);
  const roles = useRoles(scope);
  const [open, setOpen] = useState<Open>();
  const close = useCallback(() => setOpen(undefined), []);
  const people = found.data?.pages.flatMap(({ collaborators }) => collaborators) ?? [];
  const seats = found.data?.pages[0]?.seats;
  const narrowed = Object.keys(filter).some((name) => name !== "sort");
  const onSort = useCallback((sort: string) => change({ sort: sort === "email" ? null : sort }), [change]);
  const onEdit = useCallback((person: Collaborator) => setOpen({ dialog: "role", person }), []);
  const { fetchNextPage, isFetching } = found;
  // What failed is tried again by whoever reads of it, and not by scrolling on.
  const more = found.hasNextPage && !found.isFetchNextPageError;
  const onMore = useCallback(() => {
    if (!isFetching) void fetchNextPage();
  }, [fetchNextPage, isFetching]);
  return (
    <>
      <div className="bar">
        {seats && <SeatMeter seats={seats} />}
        {mayManage && (
          <button type="button" disabled={roles.length === 0} onClick={() => setOpen({ dialog: "invite" })}>
            <Icon of="plus" /> {grid.invite}
          </button>
        )}
      </div>
      <Filters filter={filter} change={change} roles={["owner", ...roles]} />
      <Loaded of={found}>
        <p className="hint" role="status">
          {people.length === 0
            ? narrowed
              ? grid.none
              : grid.empty
            : grid.shown(people.length, found.hasNextPage)}
        </p>
        {people.length > 0 && (
          <Grid
            scope={scope}
            people={people}
            more={more}
            onMore={onMore}
            mayManage={mayManage}
            sort={filter.sort ?? "email"}
            onSort={onSort}
            onEdit={onEdit}
            onRevoke={(chosen) => setOpen({ dialog: "revoke", people: chosen })}
          />
        )}
      </Loaded>
      {open?.dialog === "invite" && (
        <InviteDialog scope={scope} roles={roles} seats={seats} onClose={close} />
      )}
      {open?.dialog === "role" && (
        <RoleDialog scope={scope} person={open.person} roles={roles} onClose={close} />
      )}
      {open?.dialog === "revoke" && <RevokeDialog scope={scope} people={open.people} onClose={close} />}
    </>
  );
}
