import { counted } from "./plural";

const people = (n: number) => counted("fr", n, "personne", "personnes");

/** Les mots de la page d’un événement. */
export const event = {
  title: (scope: string) => `Dates et accès – ${scope}`,
  dates: "Dates",
  undated: "Pas encore de dates : la plateforme les fournit.",
  end: "Fin des accès",
  never: "Les accès ne prennent pas fin avec l’événement.",
  ends: (n: number, when: string) =>
    n === 0
      ? `Les accès prendront fin le ${when}.`
      : `${n === 1 ? "L’accès" : "Les accès"} de ${people(n)} ${n === 1 ? "prend" : "prennent"} fin le ${when}.`,
  ended: (n: number, when: string) =>
    n === 0
      ? `Les accès ont pris fin le ${when}.`
      : `${n === 1 ? "L’accès" : "Les accès"} de ${people(n)} ${n === 1 ? "a" : "ont"} pris fin le ${when}.`,
  outliving: (n: number) =>
    n === 1
      ? "1 personne garde son accès après l’événement."
      : `${n} personnes gardent leur accès après l’événement.`,
  moves: "Si l’événement change de date, la fin des accès suit.",

  archived: (when: string) => `Archivé le ${when}. Personne n’y a plus accès, sauf au-dessus de l’événement.`,
  archive: "Archiver",
  archiveTitle: (scope: string) => `Archiver ${scope}`,
  archiveLead:
    "Les accès à l’événement prennent fin tout de suite. Son historique reste. Il peut sortir des archives à tout moment.",
  loses: (n: number) => (n === 1 ? "1 personne perd son accès." : `${people(n)} perdent leur accès.`),
  losesNone: "Personne ne perd d’accès.",
  archivedNow: (scope: string) => `${scope} est archivé.`,
  unarchive: "Sortir des archives",
  unarchivedNow: (scope: string) => `${scope} n’est plus archivé.`,
  notUnarchived: (scope: string) => `${scope} est toujours archivé : réessayez.`,

  copy: "Reprendre une équipe",
  copyLead:
    "L’équipe d’un autre événement reçoit les mêmes rôles ici. Vous choisissez les personnes et leurs rôles.",
  from: "Équipe de",
  choose: "Choisir un événement",
  noOther: "Il n’y a pas d’autre événement dont reprendre l’équipe.",
  preview: "Voir l’équipe",
  atEnd: "L’équipe telle qu’elle était à la fin des accès.",
  none: "Cet événement n’a pas d’équipe à reprendre.",
  roleOf: (who: string) => `Rôle ${who}`,
  takes: (n: number) => `Donner accès à ${people(n)}`,
  seats: (before: number, after: number) =>
    after === before ? "Aucune place de plus." : `Places prises : ${before}, puis ${after}.`,
  mails: "Une personne sans accès reçoit une invitation, les autres un e-mail.",
  wait: "Mettre en attente d’une place",
  waitHelp: "Une personne sans place est invitée dès qu’une place se libère pour elle.",
  done: (n: number, waiting: number) =>
    [
      (n > 0 || waiting === 0) && `${counted("fr", n, "personne a", "personnes ont")} accès.`,
      waiting > 0 && `${counted("fr", waiting, "personne attend", "personnes attendent")} une place.`,
    ]
      .filter(Boolean)
      .join(" "),
  refused: (n: number) => `${people(n)} sans accès :`,
};
