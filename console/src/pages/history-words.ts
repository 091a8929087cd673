import { changes as en } from "../words/history-en";
import { changes as fr } from "../words/history-fr";
import { useLanguage } from "../words/provider";

const WORDS: Record<"fr" | "en", typeof fr> = { fr, en };

/** The words of the history in the current language. */
export function useHistoryWords(): typeof fr {
  return WORDS[useLanguage().locale];
}
