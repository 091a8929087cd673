import { dialogs as en } from "../words/dialogs-en";
import { dialogs as fr } from "../words/dialogs-fr";
import { useOwnWords } from "../words/provider";

/** The words of dialogs of the team, which the team does without. */
export const useDialogWords = () => useOwnWords({ fr, en });
