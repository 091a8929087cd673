import type { Actor } from "../api/client";
import type { Words } from "../words/fr";
import { isolated } from "./isolated";

/** The name of a collaborator within a text, or their address if they have none. */
export function displayName({ email, name }: { email: string; name: string | null }): string {
  return isolated(name ?? email);
}

/** The name of the user or system that made a change. */
export function actorName(actor: Actor, words: Words): string {
  if ("platform" in actor) return words.history.platform;
  if ("system" in actor) return actor.system === "erase" ? words.history.erasure : words.history.audit;
  return actor.via ? words.history.via(displayName(actor)) : displayName(actor);
}
