import { de } from "./de";
import { listed } from "./plural";

/** The texts of the page that an invited person sees. */
export const invitation = {
  title: "Invitation",
  to: (scopes: readonly string[]) => `Invitation : ${listed("fr", scopes)}`,
  by: (who: string, email: string | undefined, client: string) =>
    `${email && email !== who ? `${who} (${email})` : who} vous invite dans l’équipe ${de(client)}.`,
  gives: "Ce que vous pourrez faire",
  for: (email: string) => `Cette invitation est pour ${email}.`,
  until: (when: string) => `Valable jusqu’au ${when}.`,
  accept: "Accepter l’invitation",
  signIn: (email: string) => `Se connecter avec ${email} et accepter`,
  other: (invited: string, mine: string) =>
    `Cette invitation est pour ${invited} ; votre session est celle de ${mine}.`,
  switch: (email: string) => `Se connecter avec ${email}`,
  ask: (email: string) => `Demander une invitation pour ${email}`,
  askSubject: "Invitation à une autre adresse",
  askText: (email: string, client: string) =>
    `Bonjour,\n\nMon compte utilise l’adresse ${email}. Pouvez-vous m’inviter dans l’équipe ${de(client)} à cette adresse ?\n\nMerci !`,
  welcome: "Bienvenue !",
  accepted: (scopes: readonly string[]) => `Vous avez maintenant accès à ${listed("fr", scopes)}.`,
  open: (scope: string) => `Ouvrir ${scope}`,
  go: "Voir vos accès",
  none: "Pour ouvrir une invitation, utilisez le lien de l’e-mail que vous avez reçu.",
  dead: "Ce lien n’est plus valable",
  deadHelp:
    "Un lien plus récent l’a peut-être remplacé, ou l’invitation a été retirée. Ouvrez l’e-mail le plus récent ou demandez une nouvelle invitation.",
  deadSignedIn: "Vous avez déjà accepté l’invitation ?",
  expired: "Cette invitation a expiré",
  expiredHelp: "La personne qui vous a invité peut vous envoyer un nouveau lien.",
  renew: "Demander un nouveau lien",
  renewed:
    "Votre demande est transmise. Dès qu’une nouvelle invitation sera envoyée, vous recevrez un e-mail.",
  decline: "Décliner",
  declining: "Décliner l’invitation",
  declineHelp: "Le lien ne fonctionnera plus. La personne qui vous invite reçoit votre réponse.",
  reason: "Raison (facultatif)",
  back: "Revenir à l’invitation",
  declined: "Vous avez décliné l’invitation",
  declinedHelp: "Merci pour votre réponse. Vous n’avez rien d’autre à faire.",
  ended: "Les accès de cette invitation ont pris fin",
  endedHelp: "Demandez une nouvelle invitation à la personne qui vous a invité.",
  used: "Cette invitation a déjà été acceptée",
  usedHelp: "Connectez-vous avec le compte qui l’a acceptée.",
};
