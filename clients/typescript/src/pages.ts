/** Where the next page begins, as query parameters: empty for the first page. */
type At = { cursor?: string };

/** Reads a list page by page. `read` gets the `cursor` to put into the query, and returns a page with its `nextCursor`. */
export async function* pages<P extends { nextCursor: string | null }>(
  read: (at: At) => Promise<P>,
): AsyncGenerator<P, void, undefined> {
  let at: At | undefined = {};
  while (at) {
    const page: P = await read(at);
    yield page;
    at = page.nextCursor === null ? undefined : { cursor: page.nextCursor };
  }
}

/** All items of a list: those of the field `name` of each page. */
export async function items<K extends string, T>(
  name: K,
  read: (at: At) => Promise<{ nextCursor: string | null } & Record<K, T[]>>,
): Promise<T[]> {
  const all: T[] = [];
  for await (const page of pages(read)) all.push(...page[name]);
  return all;
}
