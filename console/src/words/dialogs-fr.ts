import { counted } from "./plural";

const many = (n: number, one: string, other: string) => counted("fr", n, one, other);

/** Les mots des dialogues de l’équipe qui se chargent avec eux. */
export const dialogs = {
  give: {
    title: (to: string | number) =>
      typeof to === "number" ? `Donner accès à ${many(to, "personne", "personnes")}` : `Donner accès à ${to}`,
    where: "À quels événements ?",
    search: "Rechercher un événement",
    button: (n: number) => (n > 0 ? `Donner ${many(n, "accès", "accès")}` : "Donner accès"),
    nothing: "Choisissez au moins un événement.",
    done: (n: number) => `${many(n, "accès donné", "accès donnés")}.`,
    result: "Résultat",
    summary: (done: number, failed: number) =>
      `${many(done, "accès donné", "accès donnés")}, ${many(failed, "échec", "échecs")}.`,
  },

  conflict: {
    title: "Cet accès vient d’être modifié par quelqu’un d’autre",
    lead: "Rien n’a été écrasé. Comparez, puis choisissez.",
    seen: "Ce que vous aviez vu",
    current: "Version actuelle",
    change: "Votre modification",
    save: "Remplacer par la mienne",
    discard: "Garder la version actuelle",
    gone: "Cet accès a été retiré entre-temps.",
  },
};
