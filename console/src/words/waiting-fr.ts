import { de } from "./de";
import { counted } from "./plural";

/** The words of the waiting list, which the list of the team does without. */
export const waiting = {
  title: "Liste d’attente",
  lead: "Quand une place se libère, la première personne de la liste l’obtient et reçoit son invitation.",
  promised: "Places promises",
  promisedHelp: (n: number) =>
    `${counted("fr", n, "place libre revient", "places libres reviennent")} à la liste d’attente dans les cinq minutes.`,
  since: (by: string, when: string) =>
    `depuis le ${when}, à la demande ${de(by.replace(/^L(?=[ae] )/, "l"))}`,
  top: "En tête",
  toTop: (who: string) => `Mettre ${who} en tête de la liste`,
  up: (who: string) => `Faire monter ${who}`,
  down: (who: string) => `Faire descendre ${who}`,
  remove: (who: string) => `Retirer ${who} de la liste d’attente`,
  moved: (who: string, position: number) => `${who} est maintenant n° ${position} sur la liste.`,
  stale: "La liste vient de changer. Voici la nouvelle : votre changement n’a pas été enregistré.",
  rights: "Ces droits prendront effet quand une place sera libre et l’invitation acceptée :",
};
