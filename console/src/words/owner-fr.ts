import { de } from "./de";

/** The words of the page of ownership, which the other pages do without. */
export const owner = {
  title: (scope: string) => `Propriété – ${scope}`,
  lead: "La personne propriétaire a tous les droits, et elle seule peut transférer la propriété.",
  none: "La propriété est celle du compte : il n’y a pas de propriétaire propre à cet événement.",
  current: "Propriétaire",
  to: "Transférer à",
  chooseButton: "Choisir",
  choose: (who: string) => `Choisir ${who}`,
  noOthers: "Personne d’autre n’a d’accès actif ici. Invitez d’abord la personne qui prendra la suite.",
  confirm: (who: string) => `Transférer la propriété à ${who}`,
  becomes: (who: string, scope: string) => `${who} devient propriétaire ${de(scope)}, avec tous les droits.`,
  youBecome: (scope: string) => `Vous gardez un rôle d’administration sur ${scope}.`,
  mails: "Vous recevez tous deux un e-mail.",
  sure: "Je comprends que je ne pourrai pas reprendre la propriété moi-même.",
  button: "Transférer la propriété",
  done: (who: string) => `La propriété est transférée à ${who}.`,
  longAgo:
    "Votre connexion est trop ancienne pour transférer la propriété. Reconnectez-vous : votre choix est conservé.",
  signIn: "Se reconnecter",
  changed: (owner: string) =>
    `Cette page a changé entre-temps. La propriété est maintenant à ${owner}. Vérifiez, puis réessayez.`,
};
