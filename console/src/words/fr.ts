import type { Level, Permission, Role, Status } from "../api/client";
import type { Reach } from "../api/scopes";
import { changes } from "./changes-fr";
import { invitation, invite } from "./invite-fr";
import { counted, listed } from "./plural";

const many = (n: number, one: string, other: string) => counted("fr", n, one, other);

/** `de` before a name, elided before a vowel: "de Karim", "d’Alice". */
const de = (name: string) => (/^[aeiouàâäéèêëîïôöùûü]/i.test(name) ? `d’${name}` : `de ${name}`);

/** What a role also counts for: " (12 événements)". */
const inReach = ({ events, communities }: Reach) => {
  const counts = [
    events > 0 && many(events, "événement", "événements"),
    communities > 0 && many(communities, "communauté", "communautés"),
  ].filter((count) => count !== false);
  return counts.length > 0 ? ` (${listed("fr", counts)})` : "";
};

/** The page's texts in French; `en.ts` has the same keys. */
export const fr = {
  name: "Français",
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
  dates: {
    never: "jamais",
    none: "sans date de fin",
  },

  signIn: {
    title: "Connexion",
    lead: (product: string) =>
      `${product} montre qui a accès à quoi dans votre back-office, et jusqu’à quand. Connectez-vous avec votre propre compte.`,
    button: "Se connecter",
    working: "Connexion en cours…",
    failed: "La connexion a échoué.",
    out: "Vous êtes déconnecté.",
    leave: "Se déconnecter",
    noAddress: "Votre compte ne fournit pas d’adresse e-mail.",
  },

  home: {
    title: "Vos accès",
    lead: "Choisissez un niveau pour voir qui y a accès.",
    none: "Vous n’avez aucun accès",
    noneHelp: (email: string) =>
      `Si l’on vous a invité, ouvrez le lien de l’invitation envoyée à ${email}. Sinon, demandez un accès à un administrateur.`,
    yourRole: (role: string) => `votre rôle : ${role}`,
  },

  levels: {
    client: "Client",
    audience: "Audience",
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
    unknown: "Aucun droit pour le moment : une mise à jour du service est en cours.",
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
    pending: "En attente",
    active: "Actif",
    expired: "Expiré",
    suspended: "Suspendu",
  } satisfies Record<Status, string>,

  delivery: {
    bounced: "e-mail refusé par le serveur du destinataire",
    failed: "e-mail non envoyé",
    suppressed: "adresse bloquée après un refus précédent : demandez à l’assistance de la débloquer",
  },

  seats: {
    label: "Sièges",
    used: (used: number, limit: number | null) =>
      limit === null
        ? `${many(used, "siège occupé", "sièges occupés")}, sans limite`
        : `${used} sur ${many(limit, "siège", "sièges")}`,
    free: (free: number) =>
      free > 0 ? many(free, "siège libre", "sièges libres") : "plus aucun siège libre",
    over: (over: number) => `${many(over, "siège", "sièges")} au-delà du contrat`,
    title: "Sièges de votre contrat",
    lead: "Un collaborateur occupe un siège dès son invitation, quel que soit le nombre de ses droits. Le siège se libère quand il perd son dernier droit.",
    limit: "Sièges de votre contrat",
    unlimited: "illimités",
    taken: "Sièges occupés",
    active: "Collaborateurs actifs",
    pending: "Invitations en attente",
    audit: "Dernier contrôle",
    noAudit: "Aucun contrôle pour l’instant. Un contrôle a lieu une fois par jour.",
    counted: "Sièges comptés",
    drift: "Écart constaté",
    repaired: "Corrections",
    expiredInvitations: "Invitations expirées",
    expiredGrants: "Droits expirés",
    overLimit: "Limite dépassée",
    dormant: "Sans connexion récente",
    undeliverable: "Adresses injoignables",
  },

  tabs: {
    label: "Rubriques",
    people: "Droits d’accès",
    history: "Historique",
    seats: "Sièges",
    announcement: "Annonce",
    owner: "Propriété",
  },

  grid: {
    title: (scope: string) => `Qui a accès à ${scope}`,
    invite: "Inviter",
    print: "Imprimer",
    search: "Rechercher par nom ou par adresse",
    status: "Statut",
    role: "Rôle",
    origin: "Origine",
    all: "Tous",
    allOrigins: "Toutes",
    direct: "Accordé ici",
    inherited: "Hérité",
    below: "Inclure les accès limités aux niveaux inférieurs",
    clear: "Effacer les filtres",
    person: "Personne",
    here: "Rôle ici",
    elsewhere: "Autres accès",
    lastLogin: "Dernière connexion",
    loginRefused: (day: string) => `Connexion refusée le ${day} : autre compte`,
    ends: "Fin de l’accès",
    actions: "Actions",
    select: (who: string) => `Sélectionner ${who}`,
    selectAll: "Sélectionner toutes les personnes affichées",
    edit: (who: string) => `Modifier l’accès ${de(who)}`,
    resend: (who: string) => `Renvoyer l’invitation à ${who}`,
    sort: (column: string) => `Trier par ${column}`,
    none: "Aucun résultat",
    empty: "Personne n’a encore accès à ce niveau.",
    shown: (n: number, more: boolean) =>
      more ? `${n} premières personnes` : many(n, "personne", "personnes"),
    noRoleHere: "aucun rôle ici",
    rights: (n: number) => many(n, "droit", "droits"),
    from: (role: string, scope: string | undefined, level: string) =>
      scope ? `${role} · ${scope} (${level})` : `${role} (${level})`,
    inheritedFrom: "hérité",
    lowerLevel: "niveau inférieur",
    ended: "expiré",
    overridden: "sans effet : un rôle d’administrateur l’emporte",
    validUntil: (when: string) => `valable jusqu’au ${when}`,
    expiredOn: (when: string) => `expirée le ${when}`,
    selected: (n: number) => many(n, "personne sélectionnée", "personnes sélectionnées"),
    revoke: "Retirer l’accès",
    unselect: "Tout désélectionner",
    mine: "Vous",
    mayNotList: "Vous ne pouvez pas voir qui d’autre a accès ici. Voici votre propre accès.",
  },

  invite,
  ...changes,

  role: {
    title: (who: string) => `Accès ${de(who)}`,
    at: (scope: string) => `Niveau : ${scope}`,
    lead: "Le rôle accordé ici s’ajoute aux accès des niveaux supérieurs.",
    elsewhere: (scope: string) =>
      `Aucun rôle n’est accordé sur ${scope} même. Modifiez un accès là où il a été accordé, ou donnez un rôle de plus.`,
    change: "Modifier",
    changeAt: (scope: string) => `Modifier l’accès à ${scope}`,
    notYours: "modifiable par un administrateur de ce niveau",
    give: (scope: string, reach: Reach) => `Donner aussi un rôle sur ${scope}${inReach(reach)}`,
    gives: (scope: string, reach: Reach) => `Vous donnez un rôle de plus, sur ${scope}${inReach(reach)}.`,
    giveButton: "Donner ce rôle",
    permissions: "Droits",
    permissionsHelp: "Cocher un droit coche aussi « voir » sur la même ligne.",
    chooseOne: "Choisissez au moins un droit.",
    ends: "Fin de l’accès",
    endsHelp: "Laissez vide pour un accès sans date de fin. L’heure est celle de cet appareil.",
    reason: "Motif",
    reasonHelp: "Enregistré dans l’historique.",
    saved: (who: string) => `L’accès ${de(who)} est enregistré.`,
  },

  conflict: {
    title: "Quelqu’un d’autre vient de modifier cet accès",
    lead: "Rien n’a été écrasé. Comparez, puis choisissez.",
    seen: "Ce que vous aviez vu",
    current: "Accès actuel",
    change: "Votre modification",
    save: "Enregistrer quand même",
    discard: "Garder l’accès actuel",
    gone: "Cet accès a été retiré entre-temps.",
  },

  resend: {
    button: "Renvoyer l’invitation",
    wait: (seconds: number) => `Renvoi possible dans ${many(seconds, "seconde", "secondes")}`,
    done: (who: string) =>
      `Une nouvelle invitation va être envoyée à ${who}. L’ancien lien ne fonctionne plus.`,
  },

  revoke: {
    title: (n: number) => `Retirer l’accès à ${many(n, "personne", "personnes")}`,
    where: "Niveau",
    here: (scope: string) => `${scope} uniquement`,
    below: (scope: string) => `${scope} et tous les niveaux inférieurs`,
    removed: "Sera retiré",
    remaining: "Sera conservé",
    nothingHere: "plus aucun accès ici",
    onlyBelow: (option: string) =>
      `Aucun accès à ce niveau même, seulement à des niveaux inférieurs. Choisissez « ${option} » pour le retirer.`,
    fromAbove: (scope: string) => `Cet accès vient de plus haut : ${scope}. Il ne se retire pas ici.`,
    openAbove: (scope: string) => `Ouvrir ${scope}`,
    owner: "La propriété ne se retire pas, elle se transfère.",
    frees: (n: number) => (n > 0 ? `Libère ${many(n, "siège", "sièges")}.` : "Ne libère aucun siège."),
    freesUpTo: (n: number) =>
      `Libère au plus ${many(n, "siège", "sièges")} : une personne qui a accès à d’autres niveaux, non visibles ici, garde son siège.`,
    result: "Résultat",
    done: "retiré",
    freed: "siège libéré",
    summary: (done: number, freed: number) =>
      `${many(done, "accès retiré", "accès retirés")}, ${many(freed, "siège libéré", "sièges libérés")}.`,
    leave: "Quitter ce niveau",
    leaveTitle: (scope: string) => `Quitter ${scope}`,
  },

  collaborator: {
    grants: "Droits d’accès",
    role: "Rôle",
    by: "Accordé par",
    at: "Accordé le",
    ends: "Fin",
    why: "Ce que cette personne peut faire ici, et pourquoi",
    whyHelp: (scope: string) => `À ${scope}, selon les règles appliquées à chaque contrôle d’accès.`,
    nothing: "Aucun droit pour l’instant.",
    pending: "Ces droits prendront effet quand l’invitation sera acceptée :",
    history: "Historique de cette personne",
    missing: "Cette personne n’a pas ou n’a plus accès ici.",
  },

  history: {
    title: (scope: string) => `Historique ${de(scope)}`,
    lead: "Toutes les modifications à ce niveau et aux niveaux inférieurs, de la plus récente à la plus ancienne.",
    none: "Aucune modification pour l’instant.",
    platform: "La plateforme",
    via: (who: string) => `La plateforme au nom de ${who}`,
    audit: "Le contrôle quotidien",
    erasure: "L’effacement des données",
    of: (who: string) => `Afficher seulement ${who}`,
    everyone: "Afficher tout le monde",
    reason: (why: string) => `Motif : ${why}`,
    nothing: "aucun accès",
    actions: {
      invited: (by: string, who: string) => `${by} a invité ${who}`,
      granted: (by: string, who: string) => `${by} a accordé un accès à ${who}`,
      "role-changed": (by: string, who: string) => `${by} a changé le rôle ${de(who)}`,
      resent: (by: string, who: string) => `${by} a renvoyé l’invitation à ${who}`,
      activated: (_by: string, who: string) => `${who} a accepté l’invitation`,
      revoked: (by: string, who: string) => `${by} a retiré l’accès ${de(who)}`,
      left: (_by: string, who: string) => `${who} a renoncé à son accès`,
      "invitation-expired": (_by: string, who: string) => `L’invitation envoyée à ${who} a expiré`,
      "access-expired": (_by: string, who: string) => `L’accès ${de(who)} a expiré`,
      "ownership-received": (by: string, who: string) => `${by} a transféré la propriété à ${who}`,
      "ownership-handed-over": (by: string, who: string) => `${by} a transféré la propriété ${de(who)}`,
      imported: (by: string, who: string) => `${by} a repris l’accès ${de(who)}`,
      suspended: (by: string, who: string) => `${by} a suspendu l’accès ${de(who)}`,
      restored: (by: string, who: string) => `${by} a rétabli l’accès ${de(who)}`,
      "account-unbound": (by: string, who: string) => `${by} a dissocié le compte ${de(who)}`,
      "email-changed": (by: string, who: string) => `${by} a changé l’adresse ${de(who)}`,
      erased: (_by: string, who: string) => `Les données ${de(who)} ont été effacées`,
      unknown: (by: string, who: string) => `${by} a fait une autre modification pour ${who}`,
    },
  },

  announcement: {
    title: (scope: string) => `Annonce à toute l’équipe ${de(scope)}`,
    lead: "Tous les collaborateurs actifs de ce niveau et des niveaux inférieurs la reçoivent par e-mail.",
    subject: "Objet",
    text: "Message",
    textHelp: "Texte brut. 2 000 caractères maximum.",
    send: "Envoyer à tous",
    sent: (n: number) => `L’annonce va être envoyée à ${many(n, "personne", "personnes")}.`,
  },

  owner: {
    title: (scope: string) => `Propriété ${de(scope)}`,
    lead: "Le propriétaire a tous les droits à ce niveau et aux niveaux inférieurs. Après un transfert, l’ancien propriétaire devient administrateur.",
    none: "Ce niveau n’a pas son propre propriétaire : c’est celui du niveau supérieur.",
    current: "Propriétaire actuel",
    to: "Nouveau propriétaire",
    choose: "Choisissez un collaborateur actif",
    noOthers: "Il n’y a pas d’autre collaborateur actif ici. Invitez d’abord le nouveau propriétaire.",
    sure: "Je comprends que je ne pourrai pas reprendre la propriété moi-même.",
    button: "Transférer la propriété",
    done: (who: string) => `${who} est maintenant propriétaire.`,
    changed: "Ce niveau a été modifié entre-temps. Vérifiez le propriétaire actuel, puis réessayez.",
  },

  invitation,

  problems: {
    title: "Une erreur est survenue",
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
    seeSeats: "Voir qui occupe les sièges",
    openCollaborator: "Voir cette personne",
    inheritedFrom: (scopes: string) => `Niveau d’origine : ${scopes}`,
    crashed: "Une erreur est survenue. Rechargez la page : rien de ce qui est enregistré n’est perdu.",
    notForYou:
      "Vous n’avez pas accès à cette rubrique. Adressez-vous à un administrateur ou au propriétaire.",
    notFound: "Page introuvable",
  },
};

/** The entity of a permission: `contacts` in `contacts:view`. */
export type EntityOf<P extends string> = P extends `${infer Entity}:${string}` ? Entity : never;
/** The action of a permission: `view` in `contacts:view`. */
export type ActionOf<P extends string> = P extends `${string}:${infer Action}` ? Action : never;

/** All texts of the page in one language. */
export type Words = typeof fr;
