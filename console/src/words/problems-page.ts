/** The texts around the list of problems, which the other pages do without. */
export const fr = {
  title: "Problèmes",
  lead: "Les réponses de l’API qui refusent une demande, avec leur code et leur statut HTTP, et la marche à suivre.",
};

export const en: typeof fr = {
  title: "Problems",
  lead: "The responses of the API that refuse a request, with their code and HTTP status, and what to do next.",
};
