import type { Delivery } from "../api/client";
import { de } from "./de";
import { counted } from "./plural";

const many = (n: number, one: string, other: string) => counted("fr", n, one, other);

/** The texts of the page of support. */
export const support = {
  title: "Assistance",
  lead: "Retrouvez une personne ou une équipe. Vous consultez tout, sans rien modifier.",
  notForYou: "Cette page est réservée à l’assistance de la plateforme.",
  person: "Retrouver une personne",
  email: "Adresse e-mail",
  emailHelp: "L’adresse complète, telle qu’elle a été invitée.",
  find: "Rechercher",
  found: (n: number, who: string) => `${who} : ${many(n, "compte", "comptes")}`,
  nowhere: (who: string) => `${who} n’a d’accès dans aucun compte, ni d’invitation.`,
  where: "Où",
  role: "Rôle",
  ends: "Fin",
  lastLogin: "Dernière connexion",
  refused: (when: string) => `Connexion refusée avec un autre identifiant : ${when}`,
  delivery: "E-mail d’invitation",
  deliveries: {
    none: "aucun e-mail envoyé",
    queued: "en cours d’envoi",
    sent: "envoyé",
    delivered: "remis",
    bounced: "refusé par le destinataire",
    failed: "non envoyé",
  } satisfies Record<Delivery, string>,
  validUntil: (day: string) => `invitation valable jusqu’au ${day}`,
  open: (client: string) => `Voir dans l’équipe ${de(client)}`,
  why: "Que peut faire cette personne ?",
  scope: "Endroit",
  right: "Droit",
  ask: "Vérifier",
  allowed: (who: string, what: string, where: string) => `Oui. ${who} a le droit « ${what} » sur ${where}.`,
  because: (role: string, where: string) => `Il vient du rôle ${role}, donné sur ${where}.`,
  denied: (who: string, what: string, where: string) =>
    `Non. ${who} n’a pas le droit « ${what} » sur ${where}.`,
  notActive: "Son accès n’est pas actif : aucun de ses rôles ne donne de droits.",
  noGrant: "Aucun de ses rôles ne donne ce droit à cet endroit.",
  clients: "Tous les comptes",
  searchClients: "Rechercher un compte",
  client: "Compte",
  owner: "Propriétaire",
  seats: "Places",
  noClient: "Aucun compte ne correspond.",
};
