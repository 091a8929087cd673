import { counted } from "./plural";

const many = (n: number, one: string, other: string) => counted("fr", n, one, other);

/** The words of the message to a team, which the other pages do without. */
export const announcement = {
  title: (scope: string) => `Message à l’équipe – ${scope}`,
  lead: "Les personnes dont l’accès est actif le reçoivent par e-mail.",
  to: "Destinataires",
  toHelp: "Tout le monde, ou seulement les rôles cochés.",
  hereOnly: (scope: string) => `Seulement les personnes qui ont un rôle sur ${scope} même`,
  subject: "Objet",
  text: "Message",
  textHelp: "Texte simple, 2 000 caractères au plus.",
  preview: "Prévisualiser",
  previewTitle: "Aperçu du message",
  from: (who: string, scope: string) => `De ${who}, pour ${scope}`,
  counting: "Calcul du nombre de destinataires…",
  send: (n: number) => `Envoyer à ${many(n, "personne", "personnes")}`,
  sent: (n: number) => `Le message part vers ${many(n, "personne", "personnes")}.`,
  test: "M’envoyer un essai",
  tested: (email: string) => `Un essai part vers ${email}.`,
};
