import { event as en } from "../words/event-en";
import { event as fr } from "../words/event-fr";
import { useOwnWords } from "../words/provider";

/** The words of these pages, which the other pages do without. */
export const useEventWords = () => useOwnWords({ fr, en });
