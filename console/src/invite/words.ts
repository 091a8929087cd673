import { invite as en } from "../words/invite-en";
import { invite as fr } from "../words/invite-fr";
import { useOwnWords } from "../words/provider";

export type InviteWords = typeof fr;

/** The texts of the form that invites, in the current language. */
export function useInviteWords(): InviteWords {
  return useOwnWords({ fr, en });
}
