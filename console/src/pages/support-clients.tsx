import { useInfiniteQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { Link } from "wouter";
import { api, data } from "../api/client";
import { SearchBox } from "../ui/search-box";
import { Loaded } from "../ui/state";
import { Table } from "../ui/table";
import { matcher } from "../words/folded";
import { useOwnWords, useWords } from "../words/provider";
import { support as en } from "../words/support-en";
import { support as fr } from "../words/support-fr";

/** How many clients are shown at first, and more each time. */
const SHOWN = 50;

/** All clients, with a search by name, id and owner. */
export function SupportClients() {
  const words = useOwnWords({ fr, en });
  const { more, seats } = useWords();
  const [q, setQ] = useState("");
  const [most, setMost] = useState(SHOWN);
  const listed = useInfiniteQuery({
    queryKey: ["clients"],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam }) => {
      const query = pageParam ? { cursor: pageParam } : {};
      return data(api.GET("/v1/scopes", { params: { query } }));
    },
    getNextPageParam: (page) => page.nextCursor,
  });
  const { hasNextPage, isFetching, isFetchNextPageError, fetchNextPage } = listed;
  const all = listed.data?.pages.flatMap((page) => page.scopes) ?? [];
  const matches = matcher(q);
  const found = all.filter((client) => matches(`${client.name} ${client.id} ${client.owner?.email ?? ""}`));
  // The API has no search, and its order is not that of names: what is shown needs all pages.
  const missing = hasNextPage && (q !== "" || found.length < most) && !isFetching && !isFetchNextPageError;
  useEffect(() => {
    if (missing) void fetchNextPage();
  }, [missing, fetchNextPage]);
  const shown = found.toSorted((a, b) => a.name.localeCompare(b.name)).slice(0, most);
  return (
    <section>
      <h2>{words.clients}</h2>
      <SearchBox label={words.searchClients} value={q} onChange={setQ} />
      <Loaded of={listed} lines={6}>
        <div className="list-table card">
          <Table label={words.clients} columns={[words.client, words.owner, words.seats]}>
            {shown.map((client) => (
              <tr key={client.id}>
                <th scope="row">
                  <Link href={`/scopes/${client.id}`}>
                    <bdi>{client.name}</bdi>
                  </Link>
                  <span className="hint">{client.id}</span>
                </th>
                <td>{client.owner?.email}</td>
                <td>{client.seats && seats.used(client.seats.used, client.seats.limit)}</td>
              </tr>
            ))}
          </Table>
        </div>
        {found.length === 0 && !isFetching && <p className="hint">{words.noClient}</p>}
        {(found.length > most || hasNextPage) && (
          <button type="button" className="plain" disabled={isFetching} onClick={() => setMost(most + SHOWN)}>
            {more}
          </button>
        )}
      </Loaded>
    </section>
  );
}
