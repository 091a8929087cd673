import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useSearchParams } from "wouter";
import { api, data, type HistoryEntry } from "../api/client";
import { useNames } from "../api/names";
import { GrantText } from "../grid/grant-text";
import { actorName, displayName } from "../ui/display-name";
import { Loaded } from "../ui/state";
import { Title } from "../ui/title";
import { useDates, useWords } from "../words/provider";

/** The history of a scope and the levels below it. */
export function HistoryPage({ scope }: { scope: string }) {
  const { history } = useWords();
  const { nameOf } = useNames();
  const [search] = useSearchParams();
  const collaborator = search.get("person") ?? undefined;
  return (
    <div className="narrow">
      <Title>{history.title(nameOf(scope))}</Title>
      <p>{history.lead}</p>
      {collaborator && (
        <p>
          <Link href={`/scopes/${scope}/history`}>{history.everyone}</Link>
        </p>
      )}
      <HistoryList scope={scope} collaborator={collaborator} />
    </div>
  );
}

/** The history of a scope, or of one collaborator in it, newest first. */
export function HistoryList({ scope, collaborator }: { scope: string; collaborator?: string | undefined }) {
  const words = useWords();
  const found = useInfiniteQuery({
    queryKey: ["history", scope, collaborator],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam }) => {
      const query = {
        ...(collaborator ? { collaborator } : {}),
        ...(pageParam ? { cursor: pageParam } : {}),
      };
      return data(api.GET("/v1/scopes/{scope}/history", { params: { path: { scope }, query } }));
    },
    getNextPageParam: (page) => page.nextCursor,
  });
  const entries = found.data?.pages.flatMap((page) => page.entries) ?? [];
  return (
    <Loaded of={found}>
      {entries.length === 0 && !found.hasNextPage && <p>{words.history.none}</p>}
      <ol className="history">
        {entries.map((entry) => (
          <Entry key={entry.id} scope={scope} entry={entry} alone={Boolean(collaborator)} />
        ))}
      </ol>
      {found.hasNextPage && (
        <button
          type="button"
          className="plain"
          disabled={found.isFetching}
          onClick={() => found.fetchNextPage()}
        >
          {words.more}
        </button>
      )}
    </Loaded>
  );
}

function Entry({ scope, entry, alone }: { scope: string; entry: HistoryEntry; alone: boolean }) {
  const words = useWords();
  const { history } = words;
  const dates = useDates();
  const { nameOf } = useNames();
  const { collaborator } = entry;
  return (
    <li>
      <p>
        <time dateTime={entry.at} className="hint">
          {dates.moment(entry.at)}
        </time>
        <br />
        {history.actions[entry.action](actorName(entry.actor, words), displayName(collaborator))}
        {!alone && (
          <>
            {" "}
            <Link className="hint" href={`/scopes/${scope}/history?person=${collaborator.id}`}>
              {history.of(displayName(collaborator))}
            </Link>
          </>
        )}
      </p>
      <ul className="plain-list">
        {Object.entries(entry.changes).map(([at, { before, after }]) => (
          <li key={at}>
            {nameOf(at) && nameOf(at) + words.colon}
            <GrantText state={before} /> → <GrantText state={after} />
          </li>
        ))}
      </ul>
      {entry.reason && <p>{history.reason(entry.reason)}</p>}
    </li>
  );
}
