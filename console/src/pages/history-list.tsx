import { useInfiniteQuery } from "@tanstack/react-query";
import { Fragment } from "react";
import { Link } from "wouter";
import { api, data, type HistoryEntry } from "../api/client";
import { useNames } from "../api/names";
import { GrantText } from "../grid/grant-text";
import { actorName, displayName } from "../ui/display-name";
import { Empty } from "../ui/empty";
import { Icon } from "../ui/icon";
import { isolated } from "../ui/isolated";
import { RoleDifference } from "../ui/role-difference";
import { Loaded } from "../ui/state";
import { useDates, useLanguage, useWords } from "../words/provider";
import { useHistoryWords } from "./history-words";

/** The filters of the history, as query parameters of the API. */
export interface HistoryQuery {
  collaborator?: string;
  actor?: string;
  action?: HistoryEntry["action"];
  from?: string;
  until?: string;
}

/** The history of a scope, or of one collaborator in it, newest first and by day. */
export function HistoryList({ scope, query }: { scope: string; query: HistoryQuery }) {
  const words = useWords();
  const dates = useDates();
  const found = useInfiniteQuery({
    queryKey: ["history", scope, query],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam }) => {
      const params = { path: { scope }, query: { ...query, ...(pageParam ? { cursor: pageParam } : {}) } };
      return data(api.GET("/v1/scopes/{scope}/history", { params }));
    },
    getNextPageParam: (page) => page.nextCursor,
    placeholderData: (previous) => previous,
  });
  const entries = found.data?.pages.flatMap((page) => page.entries) ?? [];
  const alone = query.collaborator !== undefined;
  return (
    <Loaded of={found} lines={5}>
      {entries.length === 0 && !found.hasNextPage && <Empty icon="history" title={words.history.none} />}
      <ol className="history">
        {entries.map((entry, index) => {
          const day = dates.day(entry.at);
          const before = entries[index - 1];
          const isNewDay = !before || dates.day(before.at) !== day;
          return (
            <Fragment key={entry.id}>
              {isNewDay && <li className="date">{day}</li>}
              <Entry scope={scope} entry={entry} alone={alone} />
            </Fragment>
          );
        })}
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

/** Stands for the name of the person, the role or the event in a sentence. */
const MARK = "\uFFFC";

function Entry({ scope, entry, alone }: { scope: string; entry: HistoryEntry; alone: boolean }) {
  const { words, locale } = useLanguage();
  const { history } = words;
  const { actions } = useHistoryWords();
  const dates = useDates();
  const { nameOf } = useNames();
  const { collaborator, role, scope: event } = entry;
  const changed = role?.after ?? role?.before;
  const thing = event ? nameOf(event) : (changed?.name[locale] ?? role?.key ?? "");
  const who = collaborator ? displayName(collaborator) : isolated(thing);
  const changes = Object.entries(entry.changes);
  const sentence = (name: string) => actions[actionOf(entry)](actorName(entry.actor, words), name);
  // The name in the sentence leads to the person. It is found by a mark, since the actor can have the same name.
  const [before = "", after] = sentence(MARK).split(MARK);
  return (
    <li>
      <time dateTime={entry.at} className="hint" title={dates.moment(entry.at)}>
        {dates.time(entry.at)}
      </time>
      <div>
        {alone || after === undefined || !collaborator ? (
          sentence(who)
        ) : (
          <>
            {before}
            <Link href={`/scopes/${scope}/people/${collaborator.id}`}>{who}</Link>
            {after}
          </>
        )}
        {changes.map(([at, { before, after }]) => (
          <div key={at} className="change">
            {nameOf(at)}
            {words.colon}
            {before && (
              <>
                <span className="chip">
                  <GrantText state={before} />
                </span>
                <Icon of="next" />
                <span className="sr">{history.became}</span>
              </>
            )}
            <span className="chip">
              <GrantText state={after} />
            </span>
          </div>
        ))}
        {role && <RoleDifference role={role} />}
        {entry.reason && <div className="hint">{history.reason(entry.reason)}</div>}
      </div>
    </li>
  );
}

/** What happened, as the sentence says it: a role change that only moves the end is shown as a change of the end. */
function actionOf({ action, changes }: HistoryEntry): HistoryEntry["action"] | "end-changed" {
  if (action !== "role-changed") return action;
  const isSame = Object.values(changes).every(
    ({ before, after }) =>
      before &&
      after &&
      before.role === after.role &&
      // Those of a role that the client defines may have changed with the role.
      (before.role !== "custom" || String(before.permissions ?? "") === String(after.permissions ?? "")),
  );
  return isSame ? "end-changed" : action;
}
