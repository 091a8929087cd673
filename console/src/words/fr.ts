import type { Level, Permission, Role, Status } from "../api/client";
import { counted } from "./plural";

const many = (n: number, one: string, other: string) => counted("fr", n, one, other);

/** The page in French; `en.ts` says the same in English. */
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
  dates: {
    never: "jamais",
    none: "sans fin",
  },

  signIn: {
    title: "Connexion",
    lead: "Coulisses montre qui a accès à quoi dans votre back-office, et jusqu’à quand. Chacun s’y connecte avec son propre compte.",
    button: "Se connecter",
    working: "Connexion en cours…",
    failed: "La connexion n’a pas abouti.",
    out: "Vous êtes déconnecté.",
    leave: "Se déconnecter",
    noAddress: "Votre compte ne donne pas d’adresse e-mail à cette page.",
  },

  home: {
    title: "Vos accès",
    lead: "Choisissez un niveau pour voir qui y a accès.",
    none: "Vous n’avez encore accès à rien",
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
  } satisfies Record<Role, string>,

  // Seeds 000 and 003.
  roleHelp: {
    owner: "Tout, y compris transférer la propriété.",
    administrator: "Accès complet : contenu, configuration et droits d’accès.",
    contributor: "Gère tout le contenu, sans la configuration ni les droits d’accès.",
    reader: "Lit tout le contenu, sans rien modifier.",
    manager: "Tableau de bord, contacts (sans import ni export), campagnes et configuration.",
    supervisor: "Tableau de bord, contacts et leur export.",
    observer: "Tableau de bord et contacts.",
    custom: "Les droits choisis, entité par entité ; jamais sur les droits d’accès.",
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
  } satisfies Record<Status, string>,

  delivery: {
    queued: "message en file d’envoi",
    sent: "message envoyé",
    delivered: "message remis",
    bounced: "message refusé par le serveur du destinataire",
    failed: "message jamais parti",
  },

  seats: {
    label: "Sièges",
    used: (used: number, limit: number | null) =>
      limit === null
        ? `${many(used, "siège pris", "sièges pris")}, sans limite`
        : `${used} sur ${many(limit, "siège", "sièges")}`,
    free: (free: number) =>
      free > 0 ? many(free, "siège libre", "sièges libres") : "plus aucun siège libre",
    over: (over: number) => `${many(over, "siège", "sièges")} au-delà du contrat`,
    title: "Sièges du contrat",
    lead: "Un siège par personne, quel que soit le nombre de ses droits, dès l’invitation ; il se libère avec le dernier droit.",
    limit: "Sièges du contrat",
    unlimited: "sans limite",
    taken: "Sièges pris",
    active: "Collaborateurs actifs",
    pending: "Invitations en attente",
    audit: "Dernier contrôle",
    noAudit: "Aucun contrôle n’a encore eu lieu ; il passe une fois par jour.",
    counted: "Sièges comptés",
    drift: "Écart trouvé",
    repaired: "Écarts réparés",
    expiredInvitations: "Invitations expirées retirées",
    expiredGrants: "Droits arrivés à leur fin",
    overLimit: "Au-delà de la limite",
    dormant: "Sans connexion depuis longtemps",
    undeliverable: "Adresses injoignables",
  },

  tabs: {
    label: "Rubriques de ce niveau",
    people: "Droits d’accès",
    history: "Historique",
    seats: "Sièges",
    notices: "Message à tous",
    owner: "Propriété",
  },

  grid: {
    title: (scope: string) => `Qui a accès à ${scope}`,
    invite: "Inviter",
    search: "Rechercher un nom ou une adresse",
    status: "Statut",
    role: "Rôle",
    origin: "Origine",
    all: "Tous",
    allOrigins: "Toutes",
    direct: "Donné ici",
    inherited: "Hérité",
    below: "Aussi ceux qui n’ont accès que plus bas",
    clear: "Effacer les filtres",
    person: "Personne",
    here: "Rôle ici",
    elsewhere: "Reste de l’accès",
    lastLogin: "Dernière connexion",
    ends: "Fin d’accès",
    actions: "Actions",
    select: (who: string) => `Sélectionner ${who}`,
    selectAll: "Sélectionner toutes les personnes affichées",
    edit: (who: string) => `Modifier l’accès de ${who}`,
    resend: (who: string) => `Renvoyer l’invitation à ${who}`,
    sort: (column: string) => `Trier par ${column}`,
    none: "Personne ne correspond à ces critères.",
    empty: "Personne n’a encore accès à ce niveau.",
    shown: (n: number, more: boolean) =>
      more ? `${n} premières personnes` : many(n, "personne", "personnes"),
    noRoleHere: "aucun ici",
    rights: (n: number) => many(n, "droit", "droits"),
    from: (role: string, scope: string, level: string) => `${role} · ${scope} (${level})`,
    inheritedFrom: "hérité",
    furtherDown: "plus bas",
    ended: "arrivé à sa fin",
    overridden: "sans effet : un rôle d’administrateur l’emporte",
    validUntil: (when: string) => `valable jusqu’au ${when}`,
    expiredOn: (when: string) => `expirée le ${when}`,
    selected: (n: number) => many(n, "personne sélectionnée", "personnes sélectionnées"),
    revoke: "Retirer l’accès",
    unselect: "Tout désélectionner",
    mine: "C’est vous",
    mayNotList: "Votre accès ne permet pas de voir qui d’autre a accès ici. Voici le vôtre.",
  },

  invite: {
    title: (scope: string) => `Inviter à ${scope}`,
    one: "Une personne",
    many: "Plusieurs personnes",
    how: "Combien de personnes ?",
    email: "Adresse e-mail",
    personName: "Nom",
    role: "Rôle",
    locale: "Langue des messages",
    localeDefault: "celle du client",
    message: "Mot d’accompagnement",
    messageHelp: "Ajouté tel quel au message d’invitation, 500 caractères au plus.",
    send: "Envoyer l’invitation",
    sent: (who: string) => `L’invitation part vers ${who}.`,
    given: (who: string) => `${who} a maintenant accès ici ; un message l’en avertit.`,
    lines: "Une personne par ligne : adresse ; nom ; rôle",
    linesHelp:
      "Collez depuis un tableur, ou ouvrez un fichier CSV. Nom et rôle peuvent manquer : le rôle choisi plus bas vaut alors.",
    file: "Ouvrir un fichier CSV",
    line: "Ligne",
    result: "Résultat",
    ready: "prête",
    duplicate: "en double dans la liste",
    noAddress: "pas d’adresse valable",
    noSuchRole: (role: string) => `rôle « ${role} » inconnu ici`,
    done: "invitation partie",
    doneActive: "accès donné",
    sendMany: (n: number) => `Inviter ${many(n, "personne", "personnes")}`,
    sending: (done: number, of: number) => `${done} sur ${of}…`,
    summary: (done: number, refused: number) =>
      `${many(done, "invitation faite", "invitations faites")}, ${many(refused, "refusée", "refusées")}.`,
    again: (n: number) => `Recommencer les ${n} refusées`,
    seatsAfter: (free: number) => `${many(free, "siège libre", "sièges libres")} au contrat.`,
    tooFewSeats: (n: number, free: number) =>
      `${many(n, "personne", "personnes")} pour ${many(free, "siège libre", "sièges libres")} : celles de trop seront refusées, sauf si elles ont déjà un siège.`,
  },

  role: {
    title: (who: string) => `Accès de ${who}`,
    at: (scope: string) => `à ${scope}`,
    lead: "Le rôle donné ici s’ajoute à ce qui vient de plus haut.",
    none: "Aucun rôle n’est donné ici : tout l’accès vient d’ailleurs. L’enregistrer en donne un.",
    permissions: "Droits par entité",
    permissionsHelp: "« Voir » vient avec toute autre case de la même ligne.",
    chooseOne: "Choisissez au moins un droit.",
    ends: "Fin d’accès",
    endsHelp: "Laissez vide pour un accès sans fin. L’heure est celle de cet appareil.",
    reason: "Motif",
    reasonHelp: "Noté dans l’historique.",
    saved: (who: string) => `L’accès de ${who} est enregistré.`,
  },

  conflict: {
    title: "Quelqu’un d’autre vient de modifier cet accès",
    lead: "Rien n’a été écrasé. Comparez, puis choisissez.",
    read: "Ce que vous aviez lu",
    now: "Ce qui vaut maintenant",
    wanted: "Ce que vous vouliez",
    mine: "Enregistrer quand même le mien",
    theirs: "Garder le leur",
    gone: "L’accès n’existe plus : il a été retiré entre-temps.",
  },

  resend: {
    button: "Renvoyer l’invitation",
    wait: (seconds: number) => `Renvoi possible dans ${many(seconds, "seconde", "secondes")}`,
    done: (who: string) => `L’invitation repart vers ${who} ; l’ancien lien ne vaut plus.`,
  },

  revoke: {
    title: (n: number) => `Retirer l’accès de ${many(n, "personne", "personnes")}`,
    where: "Où ?",
    here: (scope: string) => `À ${scope} seulement`,
    below: (scope: string) => `À ${scope} et partout plus bas`,
    person: "Personne",
    goes: "Ce qui part",
    remains: "Ce qui reste",
    nothingGoes: "rien à retirer ici",
    inheritedOnly: "L’accès vient de plus haut : il se retire là où il a été donné.",
    nothing: "plus rien",
    owner: "propriété : se transfère, ne se retire pas",
    frees: (n: number) => (n > 0 ? `Libère ${many(n, "siège", "sièges")}.` : "Ne libère aucun siège."),
    freesUpTo: (n: number) =>
      n > 0
        ? `Libère ${many(n, "siège", "sièges")} au plus : un accès à d’autres niveaux, invisible d’ici, garderait le sien.`
        : "Ne libère aucun siège.",
    confirm: (n: number) => `Retirer l’accès de ${many(n, "personne", "personnes")}`,
    result: "Résultat",
    done: "retiré",
    freed: "siège libéré",
    summary: (done: number, freed: number) =>
      `${many(done, "accès retiré", "accès retirés")}, ${many(freed, "siège libéré", "sièges libérés")}.`,
    leave: "Quitter ce niveau",
    leaveTitle: (scope: string) => `Quitter ${scope}`,
  },

  person: {
    grants: "Droits d’accès",
    role: "Rôle",
    by: "Donné par",
    at: "Le",
    ends: "Fin",
    why: "Ce que cette personne peut faire ici, et pourquoi",
    whyHelp: (scope: string) => `À ${scope}, d’après les règles mêmes qui décident de chaque accès.`,
    because: (role: string, scope: string) => `${role} · ${scope}`,
    nothing: "Rien pour l’instant.",
    pending: "Rien tant que l’invitation n’est pas acceptée ; ceci est ce qui attend :",
    history: "Historique de cette personne",
    invitation: "Invitation",
    missing: "Cette personne n’a pas, ou plus, accès ici.",
  },

  history: {
    title: (scope: string) => `Historique de ${scope}`,
    lead: "Tout ce qui a changé à ce niveau et plus bas, du plus récent au plus ancien.",
    none: "Rien n’a encore changé ici.",
    platform: "la plateforme",
    audit: "le contrôle quotidien",
    erasure: "l’effacement des données",
    of: (who: string) => `Seulement ${who}`,
    everybody: "Voir tout le monde",
    reason: (why: string) => `Motif : ${why}`,
    nothing: "aucun accès",
    actions: {
      invited: (by: string, who: string) => `${by} a invité ${who}`,
      granted: (by: string, who: string) => `${by} a donné un accès à ${who}`,
      "role-changed": (by: string, who: string) => `${by} a changé le rôle de ${who}`,
      resent: (by: string, who: string) => `${by} a renvoyé l’invitation de ${who}`,
      activated: (_by: string, who: string) => `${who} a accepté l’invitation`,
      revoked: (by: string, who: string) => `${by} a retiré l’accès de ${who}`,
      left: (_by: string, who: string) => `${who} a rendu son accès`,
      "invitation-expired": (_by: string, who: string) => `L’invitation de ${who} a expiré`,
      "access-expired": (_by: string, who: string) => `L’accès de ${who} est arrivé à sa fin`,
      "ownership-received": (by: string, who: string) => `${by} a donné la propriété à ${who}`,
      "ownership-handed-over": (by: string, who: string) => `${by} a retiré la propriété à ${who}`,
      "account-unbound": (by: string, who: string) => `${by} a délié le compte de ${who}`,
      erased: (_by: string, who: string) => `Les données de ${who} ont été effacées`,
    },
  },

  notices: {
    title: (scope: string) => `Écrire à tous ceux qui travaillent à ${scope}`,
    lead: "Le message part à chaque collaborateur actif de ce niveau et de ceux du dessous.",
    subject: "Objet",
    text: "Message",
    textHelp: "Texte simple, 2 000 caractères au plus.",
    send: "Envoyer à tous",
    sent: (n: number) => `Le message part vers ${many(n, "personne", "personnes")}.`,
  },

  owner: {
    title: (scope: string) => `Propriété de ${scope}`,
    lead: "Le propriétaire a tous les droits ici et plus bas. Après le transfert, l’ancien devient administrateur.",
    none: "Ce niveau n’a pas de propriétaire à lui : celui du niveau supérieur vaut.",
    current: "Propriétaire actuel",
    to: "Nouveau propriétaire",
    choose: "Choisissez un collaborateur actif",
    nobody: "Il n’y a pas d’autre collaborateur actif ici : invitez d’abord la personne.",
    sure: "J’ai compris que je ne pourrai pas reprendre la propriété moi-même.",
    button: "Transférer la propriété",
    done: (who: string) => `La propriété est passée à ${who}.`,
    changed: "La propriété a changé entre-temps. Voici ce qui vaut maintenant ; vérifiez, puis recommencez.",
  },

  invitation: {
    title: "Invitation",
    by: (who: string, client: string) => `${who} vous invite à rejoindre ${client}.`,
    platform: "La plateforme",
    gives: "Ce qui vous attend",
    for: (email: string) => `Elle est destinée à ${email}.`,
    until: (when: string) => `Valable jusqu’au ${when}.`,
    accept: "Accepter l’invitation",
    signIn: (email: string) => `Se connecter en tant que ${email} pour accepter`,
    other: (email: string) =>
      `Vous êtes connecté en tant que ${email}, mais l’invitation est pour une autre adresse.`,
    switch: "Se connecter avec l’adresse invitée",
    accepted: (client: string) => `Bienvenue : vous avez maintenant accès à ${client}.`,
    go: "Voir vos accès",
    none: "Cette page s’ouvre par le lien d’un message d’invitation.",
    dead: "Ce lien ne vaut pas, ou plus",
    deadHelp:
      "Il a déjà servi, il a été remplacé par un plus récent, ou l’invitation a été retirée. Ouvrez le message le plus récent, ou demandez qu’on vous la renvoie.",
    deadSignedIn: "Si vous l’avez déjà acceptée, vos accès vous attendent.",
    expired: "Cette invitation a expiré",
    expiredHelp: "Demandez à la personne qui vous a invité de la renvoyer : un nouveau lien vous parviendra.",
  },

  problems: {
    title: "Cela n’a pas fonctionné",
    offline: "Pas de connexion",
    offlineHelp:
      "Le service ne répond pas. Vérifiez votre connexion ; ce que vous avez saisi est toujours là.",
    "try-again": "Service occupé",
    "try-againHelp":
      "Le service est occupé. Recommencez dans un instant ; ce que vous avez saisi est toujours là.",
    "signed-out": "Session terminée",
    "signed-outHelp": "Reconnectez-vous pour continuer.",
    unexpected: "Réponse inattendue",
    unexpectedHelp: "Rechargez la page ; si cela dure, signalez-le.",
    request: (id: string) => `Identifiant de la requête : ${id}`,
    wait: (seconds: number) => `Possible à nouveau dans ${many(seconds, "seconde", "secondes")}.`,
    waitUntil: (when: string) => `Possible à nouveau ${when}.`,
    seeSeats: "Voir qui occupe les sièges",
    openPerson: "Ouvrir cette personne",
    takenFrom: (scopes: string) => `Donné à : ${scopes}`,
    crashed: "La page a rencontré une erreur. Rechargez-la ; rien de ce qui est enregistré n’est perdu.",
    notForYou:
      "Votre accès ne comprend pas cette rubrique. Demandez-la à un administrateur ou au propriétaire.",
    notFound: "Cette page n’existe pas",
  },
};

/** What a permission is about: `contacts` in `contacts:view`. */
export type EntityOf<P extends string> = P extends `${infer Entity}:${string}` ? Entity : never;
/** What it allows: `view` in `contacts:view`. */
export type ActionOf<P extends string> = P extends `${string}:${infer Action}` ? Action : never;

/** All words of the page in one language. */
export type Words = typeof fr;
