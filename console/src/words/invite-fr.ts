import type { Use } from "../invite/columns";
import { counted, listed } from "./plural";

const many = (n: number, one: string, other: string) => counted("fr", n, one, other);

/** The texts of the form that invites. */
export const invite = {
  title: (scope: string) => `Inviter à ${scope}`,
  one: "Une personne",
  many: "Plusieurs personnes",
  how: "Combien de personnes ?",
  email: "Adresse e-mail",
  personName: "Nom",
  role: "Rôle",
  locale: "Langue des e-mails",
  localeDefault: "langue du client",
  message: "Mot d’accompagnement",
  messageHelp: "Ajouté tel quel à l’invitation. 500 caractères maximum.",
  send: "Envoyer l’invitation",
  sent: (who: string) => `L’invitation va être envoyée à ${who}.`,
  granted: (who: string) => `${who} a maintenant accès ici. Un e-mail va lui être envoyé.`,
  lines: "Une personne par ligne : adresse ; nom ; rôle",
  linesHelp:
    "Collez des adresses ou un tableau, ou ouvrez un fichier CSV. Le nom et le rôle sont facultatifs : une ligne sans rôle reçoit celui choisi ci-dessous.",
  file: "Ouvrir un fichier CSV",
  line: "Ligne",
  result: "Résultat",
  ready: "prête",
  faults: {
    "no-address": "adresse non valide",
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
  sendMany: (n: number) => `Inviter ${many(n, "personne", "personnes")}`,
  sending: (done: number, of: number) => `${done} sur ${of}…`,
  summary: (done: number, failed: number) =>
    `${many(done, "invitation envoyée", "invitations envoyées")}, ${many(failed, "échec", "échecs")}.`,
  again: (n: number) => `Réessayer pour ${many(n, "personne", "personnes")}`,
  seatsAfter: (free: number) => `${many(free, "siège libre", "sièges libres")} dans votre contrat.`,
  tooFewSeats: (n: number, free: number) =>
    `${many(n, "personne", "personnes")} pour ${many(free, "siège libre", "sièges libres")} : les invitations en trop échoueront, sauf pour les personnes qui ont déjà un siège.`,
};

/** The texts of the page that an invited person sees. */
export const invitation = {
  title: "Invitation",
  by: (who: string, client: string) => `${who} vous invite à rejoindre ${client}.`,
  gives: "Vous aurez accès à",
  for: (email: string) => `Cette invitation est destinée à ${email}.`,
  until: (when: string) => `Valable jusqu’au ${when}.`,
  accept: "Accepter l’invitation",
  signIn: (email: string) => `Se connecter en tant que ${email} pour accepter`,
  other: (email: string) =>
    `Vous êtes connecté en tant que ${email}, mais cette invitation est destinée à une autre adresse.`,
  switch: "Se connecter avec l’adresse invitée",
  accepted: (scopes: readonly string[]) =>
    `Bienvenue ! Vous avez maintenant accès à ${listed("fr", scopes)}.`,
  go: "Voir vos accès",
  none: "Pour ouvrir une invitation, utilisez le lien de l’e-mail que vous avez reçu.",
  dead: "Ce lien n’est pas valide",
  deadHelp:
    "Un lien plus récent l’a peut-être remplacé, ou l’invitation a été retirée. Ouvrez l’e-mail le plus récent ou demandez une nouvelle invitation.",
  deadSignedIn: "Vous avez déjà accepté l’invitation ?",
  expired: "Cette invitation a expiré",
  expiredHelp: "Demandez à la personne qui vous a invité de la renvoyer. Vous recevrez un nouveau lien.",
  ended: "Les accès de cette invitation ont pris fin",
  endedHelp: "Demandez une nouvelle invitation à la personne qui vous a invité.",
  used: "Cette invitation a déjà été acceptée",
  usedHelp: "Connectez-vous avec le compte qui l’a acceptée.",
};
