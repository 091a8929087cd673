/** Where the page keeps what outlives a reload: in the browser, or in memory where it is part of another page. */
type Store = Pick<Storage, "getItem" | "setItem" | "removeItem">;

let embedded = false;

/** Whether this is part of another page. */
export function isEmbedded(): boolean {
  return embedded;
}

/** Keeps everything in memory from now on: a page that embeds this one gets nothing in its storage. */
export function keepInMemory(): void {
  embedded = true;
}

const memories: Map<string, string>[] = [];

/** Forgets what is kept in memory. */
export function forgetMemory(): void {
  for (const memory of memories) memory.clear();
}

function either(stored: () => Storage): Store & { keys: () => string[] } {
  const memory = new Map<string, string>();
  memories.push(memory);
  return {
    getItem: (key) => (embedded ? (memory.get(key) ?? null) : stored().getItem(key)),
    setItem: (key, value) => (embedded ? void memory.set(key, value) : stored().setItem(key, value)),
    removeItem: (key) => (embedded ? void memory.delete(key) : stored().removeItem(key)),
    keys: () => (embedded ? [...memory.keys()] : Object.keys(stored())),
  };
}

/** For this tab. */
export const tabStore = either(() => sessionStorage);

/** For this browser. */
export const browserStore = either(() => localStorage);
