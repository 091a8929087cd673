import type { Reach } from "../api/scopes";
import type { View } from "../grid/views";
import { de } from "./de";
import { counted, listed } from "./plural";

const many = (n: number, one: string, other: string) => counted("fr", n, one, other);

/** What a role also counts for: " (12 événements)". */
export const inReach = ({ events, communities }: Reach) => {
  const counts = [
    events > 0 && many(events, "événement", "événements"),
    communities > 0 && many(communities, "communauté", "communautés"),
  ].filter((count) => count !== false);
  return counts.length > 0 ? ` (${listed("fr", counts)})` : "";
};

/** The words of a team and of what is done with people. */
export const team = {
  grid: {
    title: (scope: string) => `Équipe – ${scope}`,
    invite: "Inviter",
    export: "Exporter",
    csv: "Fichier CSV",
    csvHelp: "Pour Excel : exactement les personnes affichées.",
    print: "Imprimer la liste",
    search: "Rechercher un nom ou une adresse",
    role: "Rôle",
    can: "Peut…",
    origin: "Origine",
    all: "Tout",
    direct: "Accès donné ici",
    inherited: "Par le compte ou le groupe",
    below: "Inclure les équipes des événements",
    clear: "Effacer les filtres",
    person: "Personne",
    elsewhere: "Autres accès",
    lastLogin: "Dernière connexion",
    loginRefused: (day: string) => `Connexion refusée le ${day} : autre compte`,
    ends: "Accès jusqu’au",
    actions: "Actions",
    actionsOf: (who: string) => `Actions pour ${who}`,
    select: (who: string) => `Sélectionner ${who}`,
    selectAll: "Sélectionner toutes les personnes affichées",
    selectEveryone: (n: number | undefined) =>
      n === undefined ? "Tout sélectionner" : `Sélectionner les ${n}`,
    roleOf: (who: string, role: string) => `Rôle ${de(who)} : ${role}`,
    endOf: (who: string, end: string) => `Fin de l’accès ${de(who)} : ${end}`,
    details: "Voir le détail",
    edit: "Modifier le rôle ou la fin…",
    giveHere: "Donner un rôle ici…",
    give: "Donner accès à…",
    fix: "Corriger",
    sending: "e-mail en cours d’envoi",
    notSent: "aucun e-mail envoyé",
    sentAgo: (when: string) => `envoyée ${when}`,
    sort: (column: string) => `Trier : ${column}`,
    none: "Aucun résultat",
    noneHelp: "Personne ne correspond à ces filtres.",
    showEveryone: "Afficher tout le monde",
    empty: "Personne n’a encore accès ici. Invitez la première personne de l’équipe.",
    shown: (n: number, more: boolean) =>
      more ? `${n} premières personnes` : many(n, "personne", "personnes"),
    rights: (n: number) => many(n, "droit", "droits"),
    via: (scope: string) => `via ${scope}`,
    inheritedFrom: "par le compte ou le groupe",
    fromAbove: (n: number) => `Par le compte ou le groupe (${n})`,
    others: (who: string, n: number) => `${many(n, "autre accès", "autres accès")} ${de(who)}`,
    ended: "terminé",
    overridden: "sans effet : un rôle d’administration l’emporte",
    validUntil: (when: string) => `valable jusqu’au ${when}`,
    expiredOn: (when: string) => `invitation expirée le ${when}`,
    on: (when: string) => `le ${when}`,
    remindedAgo: (ago: string) => `relancée ${ago}`,
    asks: "demande un nouveau lien",
    place: (n: number) => `n° ${n} sur la liste`,
    selected: (n: number) => many(n, "personne sélectionnée", "personnes sélectionnées"),
    outOfView: (n: number) => `dont ${n} hors de la vue`,
    copy: "Copier les adresses",
    copied: (n: number) => `${many(n, "adresse copiée", "adresses copiées")}.`,
    revoke: "Retirer de l’équipe",
    unselect: "Tout désélectionner",
    mine: "Vous",
    mayNotList: "Vous ne pouvez pas voir qui d’autre a accès ici. Voici votre propre accès.",
  },

  views: {
    label: "État",
    all: "Tout le monde",
    active: "Accès actifs",
    pending: "Invitations en attente",
    undeliverable: "E-mails refusés",
    ending: "Fin dans les 30 jours",
    dormant: "Sans connexion depuis 90 jours",
    suspended: "Accès suspendus",
    expired: "Accès terminés",
    declined: "Invitations déclinées",
    waiting: "En attente d’une place",
    others: "Autres",
  } satisfies Record<View | "label" | "others", string>,

  ends: {
    label: "Accès jusqu’au",
    day: "Jour",
    same: "Ne pas changer",
    none: "Sans date de fin",
    outlives: "Continue après l’événement",
    withEvent: "avec l’événement",
    date: "À une date",
    choose: "Choisir une date…",
    later: (months: number) => `+ ${many(months, "mois", "mois")}`,
    missing: "Choisissez une date.",
    past: "Choisissez une date à venir.",
  },

  changes: {
    title: (n: number) => `Modifier l’accès de ${many(n, "personne", "personnes")}`,
    button: (n: number) => `Modifier ${many(n, "accès", "accès")}`,
    lead: (scope: string) => `Le changement vaut pour ${scope}. Chaque personne en est informée par e-mail.`,
    role: "Rôle",
    ends: "Fin",
    same: "Ne pas changer",
    nothing: "Choisissez un rôle ou une fin qui change quelque chose.",
    skipped: (n: number) =>
      `${many(n, "accès n’a", "accès n’ont")} pas de date de fin et ${n > 1 ? "restent" : "reste"} sans fin.`,
    result: "Résultat",
    done: "modifié",
    summary: (done: number, failed: number) =>
      failed > 0
        ? `${many(done, "accès modifié", "accès modifiés")}, ${many(failed, "échec", "échecs")}.`
        : `${many(done, "accès modifié", "accès modifiés")}.`,
  },

  address: {
    button: "Corriger l’adresse…",
    title: (who: string) => `Adresse e-mail ${de(who)}`,
    label: "Nouvelle adresse e-mail",
    pendingLead: "L’invitation est envoyée à la nouvelle adresse. L’ancien lien ne fonctionne plus.",
    lead: "Les accès sont conservés. La personne doit accepter une invitation envoyée à la nouvelle adresse.",
    resend: "Corriger et renvoyer",
    move: "Changer d’adresse",
    done: (email: string) => `Invitation envoyée à ${email}.`,
  },

  suspension: {
    suspend: "Suspendre l’accès",
    restore: "Rétablir l’accès",
    title: (who: string) => `Suspendre l’accès ${de(who)}`,
    lead: "Cette personne ne pourra plus rien faire dans aucun événement, et sa place se libère. Ses rôles sont conservés : vous pourrez rétablir l’accès tant qu’il reste une place.",
    suspended: (who: string) => `L’accès ${de(who)} est suspendu.`,
    restored: (who: string) => `L’accès ${de(who)} est rétabli.`,
    notRestored: (who: string) => `L’accès ${de(who)} n’a pas pu être rétabli.`,
    done: "rétabli",
  },

  role: {
    title: (who: string) => `Accès ${de(who)}`,
    at: (scope: string, reach: Reach) => `Sur ${scope}${inReach(reach)}.`,
    mail: "La personne est informée par e-mail.",
    give: (scope: string) => `Donner un rôle sur ${scope}`,
    gives: (scope: string, reach: Reach) =>
      `Vous donnez un rôle de plus, sur ${scope}${inReach(reach)}. La personne est informée par e-mail.`,
    giveButton: "Donner ce rôle",
    permissions: "Droits par rubrique",
    permissionsHelp: "Cocher un droit coche aussi « voir » sur la même ligne.",
    chooseOne: "Choisissez au moins un droit.",
    reason: "Raison",
    reasonHelp: "Visible dans l’historique.",
    saved: (who: string) => `L’accès ${de(who)} est modifié.`,
    undone: (who: string) => `L’accès ${de(who)} est de nouveau comme avant.`,
    notUndone: "Le changement n’a pas pu être annulé : l’accès a encore changé depuis.",
  },

  resend: {
    button: "Relancer",
    several: (n: number) => `Relancer (${n})`,
    again: "Inviter à nouveau",
    all: (n: number) => `Relancer tout le monde (${n})`,
    title: "Relance des invitations",
    wait: (seconds: number) => `Relance possible dans ${many(seconds, "seconde", "secondes")}`,
    progress: (done: number, of: number) => `${done} sur ${of}…`,
    sent: "relance envoyée",
    done: (who: string) => `Relance envoyée à ${who}. L’ancien lien ne fonctionne plus.`,
    allDone: (n: number) => `${many(n, "relance envoyée", "relances envoyées")}.`,
    summary: (done: number, failed: number) =>
      `${many(done, "réussite", "réussites")}, ${many(failed, "échec", "échecs")}.`,
  },

  revoke: {
    title: (n: number) => `Retirer l’accès à ${many(n, "personne", "personnes")}`,
    button: (n: number) => `Retirer l’accès à ${many(n, "personne", "personnes")}`,
    at: (scope: string) => `Retirer l’accès à ${scope}`,
    everywhere: "Retirer de partout",
    where: "Où ?",
    here: (scope: string) => `${scope} seulement`,
    below: (scope: string) => `${scope} et tous ses événements`,
    removed: "Perd",
    remaining: "Garde",
    nothingHere: "plus aucun accès ici",
    onlyBelow: (option: string) => `Aucun accès ici même. Choisissez « ${option} » pour retirer les autres.`,
    fromAbove: (scope: string) => `Accès donné sur ${scope} : à retirer là-bas.`,
    openAbove: (scope: string) => `Ouvrir ${scope}`,
    owner: "La propriété ne se retire pas, elle se transfère.",
    frees: (n: number) => (n > 0 ? `Libère ${many(n, "place", "places")}.` : "Ne libère aucune place."),
    freesUpTo: (n: number) =>
      `Libère au plus ${many(n, "place", "places")} : une place se libère si la personne n’a pas d’autre accès.`,
    result: "Résultat",
    done: "retiré",
    freed: "place libérée",
    summary: (done: number, freed: number) =>
      `${many(done, "personne retirée", "personnes retirées")}, ${many(freed, "place libérée", "places libérées")}.`,
    leave: "Quitter l’équipe",
    leaveOf: (scope: string) => `Quitter l’équipe ${de(scope)}`,
    leaveTitle: (scope: string) => `Quitter l’équipe ${de(scope)}`,
  },

  collaborator: {
    title: "Personne",
    grants: "Accès",
    mine: "Votre accès",
    where: "Où",
    given: (by: string, at: string) => `donné par ${by.replace(/^L(?=[ae] )/, "l")} le ${at}`,
    why: "Ce que cette personne peut faire ici",
    whatICan: "Ce que vous pouvez faire ici",
    whyHelp: (scope: string) => `À ${scope}, et d’où vient chaque droit.`,
    nothing: "Aucun droit pour l’instant.",
    pending: "Ces droits prendront effet quand l’invitation sera acceptée :",
    history: "Historique de cette personne",
    missing: "Cette personne n’a pas accès ici",
    missingHelp: "Son accès a été retiré, ou son adresse a changé.",
  },
};
