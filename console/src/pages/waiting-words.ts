import { useOwnWords } from "../words/provider";
import { waiting as en } from "../words/waiting-en";
import { waiting as fr } from "../words/waiting-fr";

/** The words of the waiting list in the current language. */
export const useWaitingWords = () => useOwnWords({ fr, en });
