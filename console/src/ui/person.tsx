import type { Actor } from "../api/client";
import type { Words } from "../words/fr";

/** How a person is called in a sentence: by name, or else by address. */
export function called(person: { email: string; name: string | null }): string {
  return person.name ?? person.email;
}

/** How whoever did something is called. */
export function calledActor(actor: Actor, words: Words): string {
  if ("platform" in actor) return words.history.platform;
  if ("system" in actor) return actor.system === "erase" ? words.history.erasure : words.history.audit;
  return called(actor);
}
