import { lazy, type ReactNode, Suspense, useCallback, useMemo, useState } from "react";
import { useLocation } from "wouter";
import type { Collaborator } from "../api/client";
import { useIsMe } from "../api/is-me";
import { useNames } from "../api/names";
import { type Sort, useCollaborators, useOwnAccess } from "../api/queries";
import { useRoles } from "../api/roles";
import { permissionsAt } from "../api/scopes";
import type { Act } from "../grid/actions";
import { BulkBar } from "../grid/bulk-bar";
import { EVERYONE, Filters, isNarrowed, queryOf, type Shown, useShown } from "../grid/filters";
import { Grid } from "../grid/grid";
import { SharedNames, sharedNames } from "../grid/labels";
import { byName } from "../grid/order";
import { KeeperContext, useSelection } from "../grid/selection";
import { ViewTabs } from "../grid/view-tabs";
import { countsOf } from "../grid/views";
import { useCsv } from "../ui/csv";
import { Empty } from "../ui/empty";
import { Icon } from "../ui/icon";
import { MenuButton } from "../ui/menu";
import { SeatMeter } from "../ui/meter";
import { usePersonPath } from "../ui/person-path";
import { Loaded } from "../ui/state";
import { Title } from "../ui/title";
import { useWords } from "../words/provider";

const ActDialog = lazy(async () => ({ default: (await import("../grid/dialogs")).ActDialog }));
const InviteDialog = lazy(async () => ({ default: (await import("../invite/dialog")).InviteDialog }));
// Few users see only their own record, so the list does without it.
const OwnRecord = lazy(async () => ({ default: (await import("./own-record")).OwnRecord }));
const PersonPanel = lazy(async () => ({ default: (await import("./panel")).PersonPanel }));

interface Props {
  scope: string;
  /** The person whose panel is open. */
  person?: string | undefined;
}

/** The team of a scope, or the user's own record if they cannot see the others. */
export function PeoplePage({ scope, person }: Props) {
  const access = useOwnAccess();
  const may = permissionsAt(access.data, scope);
  const [, navigate] = useLocation();
  const pathOf = usePersonPath(scope);
  const close = () => navigate(pathOf());
  return (
    <Loaded of={access}>
      {may.has("access:view") ? (
        <Team scope={scope} mayManage={may.has("access:manage")}>
          <Suspense>
            {person && <PersonPanel key={person} scope={scope} id={person} onClose={close} />}
          </Suspense>
        </Team>
      ) : (
        <OwnRecord scope={scope} />
      )}
    </Loaded>
  );
}

type Found = ReturnType<typeof useCollaborators>;

/** Loads the pages that are missing; returns everyone, or nothing if a page fails. */
async function loadAll(found: Found): Promise<Collaborator[] | undefined> {
  let last: Pick<Found, "hasNextPage" | "isError" | "fetchNextPage" | "data"> = found;
  while (last.hasNextPage && !last.isError) last = await last.fetchNextPage();
  return last.isError ? undefined : last.data?.pages.flatMap((page) => page.collaborators);
}

interface TeamProps {
  scope: string;
  mayManage: boolean;
  /** The panel that is open above the list. */
  children: ReactNode;
}

function Team({ scope, mayManage, children }: TeamProps) {
  const { grid, resend } = useWords();
  const { nameOf } = useNames();
  const isMe = useIsMe();
  const [shown, change] = useShown(scope);
  const found = useCollaborators(scope, queryOf(shown));
  const counts = useCounts(scope, shown);
  const roles = useRoles(scope);
  const [act, setAct] = useState<Act>();
  const [inviting, setInviting] = useState(false);
  const pages = useMemo(() => found.data?.pages.flatMap((page) => page.collaborators) ?? [], [found.data]);
  // A complete list is shown by name; the API's pages by address.
  const isByName = shown.sort === "email" && !found.hasNextPage && found.data?.pages.length === 1;
  const collaborators = isByName ? byName(pages) : pages;
  const shared = useMemo(() => sharedNames(pages), [pages]);
  const selection = useSelection(collaborators, (each) => !isMe(each));
  const { fetchNextPage, isFetching } = found;
  // After a failure, only the retry button loads the page again, not scrolling.
  const more = found.hasNextPage && !found.isFetchNextPageError;
  const onMore = useCallback(() => {
    if (!isFetching) void fetchNextPage();
  }, [fetchNextPage, isFetching]);
  const onSort = (sort: Sort) => change({ sort });
  const seats = found.data?.pages[0]?.seats;
  const close = useCallback(() => setAct(undefined), []);
  const narrowed = isNarrowed(scope, shown);
  const grouped = !found.hasNextPage && shown.inherited === undefined && scope.includes(":");
  return (
    <KeeperContext.Provider value={selection.keeper}>
      <div className="page-head">
        <Title>{grid.title(nameOf(scope))}</Title>
        {seats && (
          <SeatMeter seats={seats} pending={scope.includes(":") ? undefined : counts?.get("pending")} />
        )}
        <div className="buttons">
          <ExportMenu scope={scope} found={found} shown={shown} />
          {mayManage && (
            <button type="button" disabled={roles.length === 0} onClick={() => setInviting(true)}>
              <Icon of="invite" /> {grid.invite}
            </button>
          )}
        </div>
      </div>
      <ViewTabs view={shown.view} counts={counts} onView={(view) => change({ view })}>
        {mayManage && shown.view === "pending" && !found.hasNextPage && pages.length > 0 && (
          <button type="button" className="link" onClick={() => setAct({ do: "remind", people: pages })}>
            {resend.all(pages.length)}
          </button>
        )}
      </ViewTabs>
      <Filters scope={scope} shown={shown} change={change} />
      <Loaded of={found} lines={8}>
        <p className="hint count" role="status">
          {collaborators.length > 0 && grid.shown(collaborators.length, found.hasNextPage)}
          {collaborators.length === 0 && (narrowed ? grid.none : "")}
        </p>
        {collaborators.length > 0 ? (
          <SharedNames.Provider value={shared}>
            <Grid
              scope={scope}
              collaborators={collaborators}
              grouped={grouped}
              more={more}
              onMore={onMore}
              mayManage={mayManage}
              selection={selection}
              sort={isByName ? "name" : shown.sort}
              onSort={onSort}
              onAct={setAct}
            />
          </SharedNames.Provider>
        ) : (
          <NoOne narrowed={narrowed} onEveryone={() => change(EVERYONE)} />
        )}
      </Loaded>
      {mayManage && selection.chosen.length > 0 && (
        <BulkBar
          scope={scope}
          selection={selection}
          more={found.hasNextPage}
          onSelectAll={() => void loadAll(found).then((everyone) => everyone && selection.add(everyone))}
          onAct={setAct}
        />
      )}
      <Suspense>
        {act && <ActDialog scope={scope} act={act} onClose={close} />}
        {inviting && (
          <InviteDialog scope={scope} roles={roles} seats={seats} onClose={() => setInviting(false)} />
        )}
      </Suspense>
      {children}
    </KeeperContext.Provider>
  );
}

/** How many people each view has, if they are few enough to be on one page. */
function useCounts(scope: string, { below }: Shown) {
  const everyone = useCollaborators(scope, below ? { below } : {});
  if (!everyone.data || everyone.hasNextPage) return undefined;
  return countsOf(everyone.data.pages.flatMap((page) => page.collaborators));
}

interface NoOneProps {
  narrowed: boolean;
  onEveryone: () => void;
}

/** An empty list, and the next step. */
function NoOne({ narrowed, onEveryone }: NoOneProps) {
  const { grid } = useWords();
  return (
    <Empty icon="people" title={narrowed ? grid.noneHelp : grid.empty}>
      {narrowed && (
        <button type="button" className="plain" onClick={onEveryone}>
          {grid.showEveryone}
        </button>
      )}
    </Empty>
  );
}

/** The list as a file or on paper: everyone whom the filters show. */
function ExportMenu({ scope, found, shown }: { scope: string; found: Found; shown: Shown }) {
  const { grid } = useWords();
  const { nameOf } = useNames();
  const csv = useCsv("collaborators", scope, queryOf(shown), grid.title(nameOf(scope)));
  const printAll = async () => {
    // The last page is rendered in the next task.
    if (await loadAll(found)) setTimeout(() => print());
  };
  return (
    <MenuButton
      disabled={csv.isPending}
      entries={[
        { id: "csv", label: grid.csv, help: grid.csvHelp, icon: "download", onAction: () => csv.mutate() },
        { id: "print", label: grid.print, onAction: () => void printAll() },
      ]}
    >
      {grid.export} <Icon of="open" />
    </MenuButton>
  );
}
