import { counted } from "./plural";

const many = (n: number, one: string, other: string) => counted("fr", n, one, other);

/** The words for several people at once, and for suspensions. */
export const changes = {
  changes: {
    button: "Changer le rôle ou la fin",
    title: (n: number) => `Changer l’accès de ${many(n, "personne", "personnes")}`,
    lead: (scope: string) =>
      `Le rôle et la fin changent à ${scope}. Ce que vous laissez tel quel ne change pour personne.`,
    role: "Rôle",
    same: "Ne pas changer",
    ends: "Fin de l’accès",
    setEnd: "À une date",
    noEnd: "Sans fin",
    date: "Date et heure",
    nothing: "Choisissez un rôle ou une fin.",
    noDate: "Indiquez la date.",
    result: "Résultat",
    done: "modifié",
    summary: (done: number, failed: number) =>
      failed > 0
        ? `${many(done, "accès modifié", "accès modifiés")}, ${many(failed, "échec", "échecs")}.`
        : `${many(done, "accès modifié", "accès modifiés")}.`,
  },

  suspension: {
    suspend: "Suspendre l’accès",
    restore: "Rétablir l’accès",
    title: (who: string) => `Suspendre l’accès : ${who}`,
    lead: "Cette personne ne peut plus rien faire dans aucun niveau du client, et son siège est libéré. Ses rôles sont conservés : l’accès peut être rétabli à tout moment s’il reste un siège.",
    suspended: (who: string) => `Accès suspendu : ${who}.`,
    restored: (who: string) => `Accès rétabli : ${who}.`,
  },

  attention: {
    label: "À surveiller",
    all: "Tout",
    dormant: "Sans connexion depuis 90 jours",
    undeliverable: "E-mail non distribué",
    ending: "Fin dans les 30 jours",
  },
};
