import { de } from "./de";
import { counted } from "./plural";

/** What needs attention, and what to do about it. */
type Todo = readonly [what: string, next: string];

const many = (n: number, one: string, other: string) => counted("fr", n, one, other);

/** The words of the other pages. */
export const pages = {
  rail: {
    label: "Événements",
    open: "Ouvrir le menu",
    home: "Accueil",
    support: "Assistance",
    wholeClient: "Toute l’équipe",
    client: (name: string) => `Compte : ${name}`,
    choose: "Choisir un compte",
    events: "Événements",
    search: "Rechercher un événement",
    none: "Aucun événement ne correspond.",
  },

  home: {
    title: "Accueil",
    none: "Vous n’avez aucun accès",
    noneHelp: (email: string) =>
      `Si vous avez reçu une invitation, ouvrez le lien envoyé à ${email}. Sinon, demandez un accès à la personne qui gère l’équipe.`,
    lost: (n: number): Todo => [
      many(n, "adresse injoignable", "adresses injoignables"),
      "Corriger et renvoyer",
    ],
    renewals: (n: number): Todo => [
      `${many(n, "personne demande", "personnes demandent")} un nouveau lien`,
      "Renvoyer l’invitation",
    ],
    declined: (n: number): Todo => [
      many(n, "invitation déclinée", "invitations déclinées"),
      "Voir les raisons",
    ],
    waitingList: (n: number): Todo => [
      `${many(n, "personne attend", "personnes attendent")} une place`,
      "Voir la liste d’attente",
    ],
    pending: (n: number): Todo => [
      many(n, "invitation sans réponse", "invitations sans réponse"),
      "Relancer",
    ],
    ending:
      (isMore: boolean) =>
      (n: number): Todo => [
        `${isMore ? "Plus de " : ""}${many(n, "personne dont l’accès", "personnes dont l’accès")} se termine bientôt`,
        "Prolonger",
      ],
    dormant: (n: number): Todo => [
      many(n, "compte sans connexion depuis 90 jours", "comptes sans connexion depuis 90 jours"),
      "Vérifier",
    ],
    alone:
      "Vous êtes la seule personne ici pour l’instant. Invitez votre équipe : chacun son accès, aucun mot de passe à partager.",
    invite: "Inviter l’équipe",
    events: "Événements",
    event: "Événement",
    dates: "Dates",
    group: "Groupe",
    team: "Équipe",
    waiting: "En attente",
    role: "Votre rôle",
    noEvents: "Aucun événement pour l’instant. Ils apparaissent ici quand la plateforme les crée.",
  },

  matrix: {
    title: (scope: string) => `Personnes et événements – ${scope}`,
    lead: "Cliquez sur un rôle pour le modifier, sur les cases vides pour donner des accès. Un titre choisit toute la colonne.",
    search: "Rechercher un événement",
    cell: (who: string, scope: string) => `${who}, ${scope} :`,
    column: (scope: string) => `Choisir toute la colonne ${scope}`,
    none: "aucun accès",
    chosen: (n: number) => many(n, "accès à donner", "accès à donner"),
    give: "Donner un rôle…",
  },

  seats: {
    label: "Places",
    used: (used: number, limit: number | null) =>
      limit === null
        ? `${many(used, "place utilisée", "places utilisées")}, sans limite`
        : `${many(used, "place utilisée", "places utilisées")} sur ${limit}`,
    free: (free: number) =>
      free > 0 ? many(free, "place libre", "places libres") : "plus aucune place libre",
    over: (over: number) => `${many(over, "place", "places")} au-delà du contrat`,
    title: (scope: string) => `Contrat – ${scope}`,
    lead: "Chaque personne invitée compte pour une place, quel que soit le nombre d’événements. La place se libère quand son dernier accès est retiré.",
    limit: "Places de votre contrat",
    unlimited: "sans limite",
    active: "Accès actifs",
    pending: "Invitations en attente",
    toFree: "Places à libérer",
    audit: (when: string) => `Chiffres du contrôle quotidien du ${when}.`,
    noAudit: "Le premier contrôle quotidien n’a pas encore eu lieu.",
  },

  history: {
    title: (scope: string) => `Historique – ${scope}`,
    by: "Par",
    on: "Concerne",
    someone: "une personne",
    what: "Quoi",
    when: "Quand",
    lastDays: (days: number) => `${days} derniers jours`,
    dates: "Du… au…",
    from: "Du",
    until: "Au",
    since: (day: string) => `depuis le ${day}`,
    to: (day: string) => `jusqu’au ${day}`,
    all: "Tout l’historique",
    none: "Aucune modification ne correspond.",
    platform: "La plateforme",
    via: (who: string) => `La plateforme au nom ${de(who)}`,
    audit: "Le contrôle quotidien",
    erasure: "L’effacement des données",
    waitingList: "La liste d’attente",
    reason: (why: string) => `Raison : ${why}`,
    nothing: "aucun accès",
    became: "devient",
    endsAt: (when: string) => `jusqu’au ${when}`,
  },
};
