import * as catalogue from "virtual:catalogue/fr";
import type { Level, Status } from "../api/client";
import { pages } from "./fr-pages";
import { team } from "./fr-team";
import { invitation } from "./invitation-fr";
import { counted } from "./plural";

const many = (n: number, one: string, other: string) => counted("fr", n, one, other);

/** The page's texts in French; `en.ts` has the same keys. */
export const fr = {
  skip: "Aller au contenu",
  menu: "Navigation",
  close: "Fermer",
  cancel: "Annuler",
  save: "Enregistrer",
  retry: "Réessayer",
  reload: "Recharger",
  loading: "Chargement…",
  more: "Afficher la suite",
  colon: "\u00a0: ",
  semicolon: "\u00a0; ",
  optional: "facultatif",
  yes: "oui",
  no: "non",
  inbox: "Boîte de réception",
  platform: "Ouvrir le back-office",
  undo: "Annuler",
  account: (who: string) => `Votre compte : ${who}`,
  dates: {
    never: "jamais",
    none: "sans fin",
    calendar: "Calendrier",
    previous: "Mois précédent",
    next: "Mois suivant",
  },

  signIn: {
    title: "Connexion",
    lead: "Gérez qui peut faire quoi sur vos événements, et jusqu’à quand. Chaque personne a son propre accès : aucun mot de passe à partager.",
    button: "Se connecter",
    working: "Connexion en cours…",
    failed: "La connexion a échoué",
    out: "Votre session est fermée",
    leave: "Se déconnecter",
    noAddress: "Votre compte ne fournit pas d’adresse e-mail",
  },

  levels: {
    client: "Compte",
    audience: "Groupe d’événements",
    event: "Événement",
    community: "Communauté",
  } satisfies Record<Level, string>,

  // The catalogue has the names, and what is not in it yet or any more is unknown.
  roles: { ...catalogue.roles, unknown: "Rôle inconnu" } as Record<string, string>,
  roleHelp: {
    ...catalogue.roleHelp,
    unknown: "Aucun droit pour le moment : une mise à jour du service est en cours.",
  } as Record<string, string>,
  entities: catalogue.entities,
  actions: catalogue.actions,

  statuses: {
    pending: "Invitation en attente",
    active: "Accès actif",
    expired: "Accès terminé",
    suspended: "Accès suspendu",
    declined: "Invitation déclinée",
    waiting: "En attente d’une place",
  } satisfies Record<Status, string>,

  delivery: {
    bounced: "adresse refusée",
    failed: "e-mail non envoyé",
    suppressed: "adresse bloquée après un refus : demandez à l’assistance de la débloquer",
  },

  tabs: {
    label: "Rubriques",
    people: "Équipe",
    matrix: "Personnes et événements",
    event: "Dates et accès",
    history: "Historique",
    seats: "Contrat",
    roles: "Rôles",
    announcement: "Message",
    owner: "Propriété",
  },

  ...team,
  ...pages,

  invitation,

  problems: {
    title: "Un problème est survenu",
    offline: "Pas de connexion",
    offlineHelp: "Le service ne répond pas. Vérifiez votre connexion. Votre saisie est conservée.",
    "try-again": "Service occupé",
    "try-againHelp": "Le service est occupé. Réessayez dans un instant. Votre saisie est conservée.",
    "signed-out": "Session expirée",
    "signed-outHelp": "Reconnectez-vous pour continuer.",
    unexpected: "Réponse inattendue",
    unexpectedHelp: "Rechargez la page. Si le problème persiste, signalez-le.",
    request: (id: string) => `Identifiant de la requête : ${id}`,
    wait: (seconds: number) => `Vous pourrez réessayer dans ${many(seconds, "seconde", "secondes")}.`,
    waitUntil: (when: string) => `Vous pourrez réessayer ${when}.`,
    seeSeats: "Voir quelles places libérer",
    openCollaborator: "Voir cette personne",
    inheritedFrom: (scopes: string) => `Accès donné sur : ${scopes}`,
    crashed: "Un problème est survenu. Rechargez la page : rien de ce qui est enregistré n’est perdu.",
    notForYou: "Vous n’avez pas accès à cette rubrique. Adressez-vous à la personne qui gère l’équipe.",
    notFound: "Page introuvable",
  },
};

/** All texts of the page in one language. */
export type Words = typeof fr;
