import { counted } from "./plural";

const many = (n: number, one: string, other: string) => counted("fr", n, one, other);

/** The texts of the page of roles, which the other pages do without. */
export const roles = {
  title: (client: string) => `Rôles – ${client}`,
  lead: "Un rôle réunit des droits sous un nom. Créez les vôtres pour les missions qui reviennent souvent : accueil, sécurité, billetterie…",
  create: "Créer un rôle",
  own: "Vos rôles",
  none: "Aucun rôle créé pour l’instant.",
  catalogue: "Rôles de la plateforme",
  catalogueHelp: "Ils sont les mêmes pour tous les comptes et ne se modifient pas.",
  allows: "Ce que ce rôle permet",
  givenOn: "Se donne sur",
  anywhere: "Se donne partout.",
  notOffered: "non proposé sur ce compte",
  retiring: "suppression en cours",
  people: (n: number | undefined) =>
    n === undefined ? "Voir les personnes" : many(n, "personne", "personnes"),
  peopleWith: (role: string) => `Personnes avec le rôle ${role}`,
  edit: (role: string) => `Modifier le rôle ${role}`,
  remove: (role: string) => `Supprimer le rôle ${role}`,
  editButton: "Modifier",
  removeButton: "Supprimer",
  resumeButton: "Terminer la suppression",

  names: "Nom",
  nameIn: { fr: "Nom en français", en: "Nom en anglais" },
  descriptions: "Description",
  descriptionIn: { fr: "Description en français", en: "Description en anglais" },
  descriptionHelp: "Une phrase, affichée sous le nom quand on choisit un rôle.",
  key: "Identifiant",
  keyHelp:
    "Pour les imports et l’API : lettres minuscules, chiffres et tirets. Il ne pourra plus être modifié.",
  keyFixed: (key: string) => `Identifiant : ${key}`,
  levels: "Où ce rôle peut-il être donné ?",
  levelNames: {
    client: "Tout le compte",
    audience: "Groupe d’événements",
    event: "Événement",
    community: "Communauté",
  },
  faults: {
    name: "Indiquez le nom dans les deux langues.",
    description: "Remplissez la description dans les deux langues, ou dans aucune.",
    key: "Utilisez des lettres minuscules sans accent, des chiffres et des tirets.",
    taken: "Un autre rôle a déjà cet identifiant. Choisissez-en un autre.",
    levels: "Choisissez au moins un niveau.",
    permissions: "Choisissez au moins un droit.",
    same: "Vous n’avez rien modifié.",
  },
  created: (role: string) => `Le rôle ${role} est créé.`,
  saved: (role: string) => `Le rôle ${role} est modifié.`,
  deleted: (role: string) => `Le rôle ${role} est supprimé.`,

  next: "Continuer",
  back: "Revenir au formulaire",
  preview: (role: string) => `Modifier le rôle ${role} ?`,
  previewLead: "La modification s’applique aussitôt à toutes les personnes qui ont ce rôle.",
  noOne: "Les droits d’aucune personne ne changent.",
  gains: (n: number, rights: string) => `${n > 1 ? "gagnent" : "gagne"}\u00a0: ${rights}`,
  loses: (n: number, rights: string) => `${n > 1 ? "perdent" : "perd"}\u00a0: ${rights}`,
  persons: (n: number) => many(n, "personne", "personnes"),
  others: (n: number) => `et ${many(n, "autre", "autres")}`,

  stale: "Quelqu’un vient de modifier ce rôle. Rien n’a été écrasé, et votre saisie est conservée.",
  staleNow: "Modification faite entre-temps :",
  staleNext: "Si vous continuez, votre version remplacera la sienne.",
  gone: "Ce rôle vient d’être supprimé. Votre saisie est conservée : si vous continuez, il sera créé à nouveau.",

  unused: "Personne n’a ce rôle.",
  checking: "Recherche des personnes qui ont ce rôle…",
  inUse: (n: number) =>
    `${many(n, "personne a", "personnes ont")} ce rôle. Choisissez celui qu’${n > 1 ? "elles auront" : "elle aura"} à la place, aux mêmes endroits et avec la même fin.`,
  instead: "Rôle de remplacement",
  choose: "Choisir un rôle…",
  chooseOne: "Choisissez un rôle de remplacement.",
  mails: "Les personnes dont l’accès est actif reçoivent un e-mail.",
  progress: (done: number, of: number) => `${done} sur ${of}`,
};

export type RoleWords = typeof roles;
