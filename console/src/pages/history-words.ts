import { changes as en } from "../words/history-en";
import { changes as fr } from "../words/history-fr";
import { useOwnWords } from "../words/provider";

/** The words of the history in the current language. */
export function useHistoryWords(): typeof fr {
  return useOwnWords({ fr, en });
}
