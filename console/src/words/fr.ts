import type { Level, Permission, Role, Status } from "../api/client";
import { pages } from "./fr-pages";
import { team } from "./fr-team";
import { invitation, invite } from "./invite-fr";
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

  roles: {
    owner: "Propriétaire",
    administrator: "Administrateur",
    contributor: "Contributeur",
    reader: "Lecteur",
    manager: "Gestionnaire",
    supervisor: "Superviseur",
    observer: "Observateur",
    custom: "Personnalisé",
    unknown: "Rôle inconnu",
  } satisfies Record<Role, string>,

  // Digitevent and inwink (docs/domain.md#sources).
  roleHelp: {
    owner:
      "Tout : données personnelles, exports, configuration, droits d’accès et transfert de la propriété.",
    administrator:
      "Accès complet : données personnelles et exports, contenu, configuration et droits d’accès.",
    contributor:
      "Gère tout le contenu, dont les contacts et les commandes (données personnelles), avec import et export. Ni configuration ni droits d’accès.",
    reader:
      "Consulte tout le contenu, dont les contacts et les commandes (données personnelles), sans rien modifier ni exporter.",
    manager:
      "Tableau de bord, contacts (données personnelles, sans import ni export), campagnes et configuration.",
    supervisor: "Tableau de bord et contacts (données personnelles), avec export des contacts.",
    observer: "Tableau de bord et contacts (données personnelles), en lecture seule et sans export.",
    custom:
      "Une sélection de droits, données personnelles et exports compris si vous les cochez. Jamais les droits d’accès.",
    unknown: "Aucun droit pour le moment : une mise à jour du service est en cours.",
  } satisfies Record<Role, string>,

  entities: {
    dashboard: "Tableau de bord",
    contacts: "Contacts",
    content: "Contenus",
    sessions: "Sessions",
    speakers: "Intervenants",
    partners: "Partenaires",
    meetings: "Rendez-vous",
    orders: "Commandes",
    campaigns: "Campagnes",
    checkin: "Accueil",
    reports: "Rapports",
    settings: "Configuration",
    access: "Droits d’accès",
    history: "Historique",
  } satisfies Record<EntityOf<Permission>, string>,

  actions: {
    view: "voir",
    manage: "gérer",
    import: "importer",
    export: "exporter",
    send: "envoyer",
    scan: "scanner",
  } satisfies Record<ActionOf<Permission>, string>,

  statuses: {
    pending: "Invitation en attente",
    active: "Accès actif",
    expired: "Accès terminé",
    suspended: "Accès suspendu",
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
    history: "Historique",
    seats: "Contrat",
    announcement: "Message",
    owner: "Propriété",
  },

  invite,
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

/** The entity of a permission: `contacts` in `contacts:view`. */
export type EntityOf<P extends string> = P extends `${infer Entity}:${string}` ? Entity : never;
/** The action of a permission: `view` in `contacts:view`. */
export type ActionOf<P extends string> = P extends `${string}:${infer Action}` ? Action : never;

/** All texts of the page in one language. */
export type Words = typeof fr;
