import type { Reach } from "../api/scopes";
import type { Use } from "../invite/columns";
import { inReach } from "./fr-team";
import { counted } from "./plural";

const many = (n: number, one: string, other: string) => counted("fr", n, one, other);

/** The texts of the form that invites, which the other pages do without. */
export const invite = {
  title: (scope: string) => `Inviter des personnes – ${scope}`,
  reach: (scope: string, reach: Reach) => `Le rôle vaut pour ${scope}${inReach(reach)}.`,
  addresses: "Adresses e-mail",
  addressesHelp:
    "Une adresse ou plusieurs, copiées d’où vous voulez : messagerie, tableau Excel avec noms et rôles…",
  noAddress: "Saisissez au moins une adresse e-mail.",
  personName: "Nom",
  options: "Options : nom, langue, message personnel",
  locale: "Langue des e-mails",
  localeDefault: "celle du compte",
  message: "Message personnel",
  messageHelp: "Ajouté tel quel à l’invitation. 500 caractères au plus.",
  send: "Envoyer l’invitation",
  sent: (who: string) => `Invitation envoyée à ${who}.`,
  granted: (who: string) => `${who} a maintenant accès ici. Un e-mail le lui annonce.`,
  sentMany: (n: number) => `${many(n, "invitation envoyée", "invitations envoyées")}.`,
  wait: "Mettre en attente d’une place",
  waitHelp: "Une personne sans place est invitée dès qu’une place se libère pour elle.",
  waitButton: "Mettre en attente",
  waits: (who: string, position: number) => `${who} attend une place : n° ${position} sur la liste.`,
  undone: (n: number) => `${many(n, "invitation annulée", "invitations annulées")}.`,
  notUndone: "Les invitations n’ont pas pu être annulées.",
  file: "Ouvrir un fichier CSV",
  fixAddress: (line: number) => `Adresse de la ligne ${line}`,
  fixRole: (line: number) => `Rôle de la ligne ${line}`,
  planned: (n: number, wrong: number) =>
    wrong > 0
      ? `${many(n, "personne", "personnes")} à inviter, ${wrong} à corriger.`
      : `${many(n, "personne", "personnes")} à inviter.`,
  line: "Ligne",
  result: "État",
  ready: "sera invitée",
  faults: {
    "no-address": "adresse introuvable ou non valide",
    duplicate: "en double",
    unclosed: "guillemet non fermé",
    damaged: "caractères illisibles : corrigez la ligne",
    several: "plusieurs adresses : une seule par ligne",
    inactive: "compte désactivé",
  },
  noSuchRole: (role: string) => `rôle « ${role} » non disponible ici`,
  columns: "Colonnes",
  columnsHelp: (line: number | undefined) =>
    line === undefined ? "Pas de titres : les colonnes sont déduites." : `Titres lus à la ligne ${line}.`,
  column: (n: number, sample: string) => `Colonne ${n} (${sample})`,
  uses: {
    email: "adresse",
    name: "nom complet",
    first: "prénom",
    last: "nom de famille",
    role: "rôle",
    status: "compte actif ou non",
    ignored: "ignorée",
  } satisfies Record<Use, string>,
  ignoredColumns: (names: string) => `Colonnes ignorées : ${names}`,
  toChoose: "à préciser",
  chooseColumns: "Précisez ce que contient chaque colonne marquée « à préciser ».",
  meaning: (word: string) => `« ${word} » : quel rôle ?`,
  done: "invitation envoyée",
  doneActive: "accès accordé",
  doneWaiting: (position: number) => `en attente d’une place, n° ${position}`,
  sendMany: (n: number) => `Inviter ${many(n, "personne", "personnes")}`,
  sending: (done: number, of: number) => `${done} sur ${of}…`,
  summary: (done: number, failed: number, waiting: number) =>
    `${[
      (done > 0 || waiting === 0) && many(done, "invitation envoyée", "invitations envoyées"),
      waiting > 0 && `${many(waiting, "personne", "personnes")} en attente d’une place`,
      (failed > 0 || waiting === 0) && many(failed, "échec", "échecs"),
    ]
      .filter(Boolean)
      .join(", ")}.`,
  again: (n: number) => `Réessayer pour ${many(n, "personne", "personnes")}`,
  seatsAfter: (free: number) => `${many(free, "place libre", "places libres")} dans le contrat.`,
  tooFewSeats: (n: number, free: number, wait: boolean) =>
    `${many(n, "personne", "personnes")} pour ${many(free, "place libre", "places libres")} : ${wait ? "les personnes en trop attendront, sauf celles" : "les invitations en trop échoueront, sauf pour les personnes"} qui ont déjà une place.`,
};
