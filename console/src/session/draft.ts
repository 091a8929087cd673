import { useState } from "react";
import { useAccount } from "./provider";
import { tabStore } from "./storage";

const PREFIX = "coulisses.draft ";

/**
 * What the user typed, kept in this tab until it is sent: a session that ends, a reload or a closed dialog lose nothing.
 * Signing out forgets it. Returns the value, how to change it, and how to forget it once it is sent.
 */
export function useDraft<T>(name: string, empty: T): [T, (value: T) => void, () => void] {
  // Another person who signs in to the same tab does not find it.
  const key = `${useAccount().email} ${name}`;
  const [value, setValue] = useState<T>(() => stored(key) ?? empty);
  // Stored at once: an effect would be lost if the form closes with the change.
  const change = (next: T) => {
    setValue(next);
    if (JSON.stringify(next) === JSON.stringify(empty)) clearDraft(key);
    else store(key, next);
  };
  return [value, change, () => clearDraft(key)];
}

/** Keeps a draft, unless it is larger than the browser allows. */
function store(key: string, value: unknown): void {
  try {
    tabStore.setItem(PREFIX + key, JSON.stringify(value));
  } catch {
    clearDraft(key);
  }
}

function stored<T>(key: string): T | undefined {
  const text = tabStore.getItem(PREFIX + key);
  return text === null ? undefined : (JSON.parse(text) as T);
}

function clearDraft(key: string): void {
  tabStore.removeItem(PREFIX + key);
}

/** Forgets all drafts of this tab. */
export function clearDrafts(): void {
  for (const key of tabStore.keys()) if (key.startsWith(PREFIX)) tabStore.removeItem(key);
}
