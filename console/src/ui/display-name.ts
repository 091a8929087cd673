import type { Actor } from "../api/client";
import type { Words } from "../words/fr";
import { isolated } from "./isolated";

/** The name of a collaborator within a text, or their address if they have none. */
export function displayName({ email, name }: { email: string; name: string | null }): string {
  return isolated(name ?? email);
}

/** The name of the user or system that made a change. */
export function actorName({ email, name = null, via, platform, system }: Actor, words: Words): string {
  if (platform) return words.history.platform;
  const { erasure, audit, waitingList } = words.history;
  if (!email) return system === "erase" ? erasure : system === "waiting-list" ? waitingList : audit;
  return via ? words.history.via(displayName({ email, name })) : displayName({ email, name });
}
