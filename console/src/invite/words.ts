import { invite as en } from "../words/invite-en";
import { invite as fr } from "../words/invite-fr";
import { useLanguage } from "../words/provider";

export type InviteWords = typeof fr;

const WORDS: Record<"fr" | "en", InviteWords> = { fr, en };

/** The texts of the form that invites, in the current language. */
export function useInviteWords(): InviteWords {
  return WORDS[useLanguage().locale];
}
