import { createClient, data, effects, ifMatch, items, Keys, outcome, Problem } from "@coulisses/client";

/** Invites people to a scope, makes the first of them an administrator, and returns who has access. */
export async function team(baseUrl: string, accessToken: string, scope: string, emails: string[]) {
  const api = createClient({ baseUrl, token: (renew) => (renew ? undefined : accessToken) });
  const keys = new Keys();

  // What it would do, without doing it.
  const body = { invitations: emails.map((email) => ({ email, role: "reader" })) };
  const path = "/v1/scopes/{scope}/collaborators";
  const planned = await effects(
    api.POST(path, { params: { path: { scope }, query: { dryRun: true } }, body }),
  );
  if (planned.effects.mails > 50) throw new Error("too many mails at once");

  // The same body has the same key, so a retry after a broken connection invites no one twice.
  const params = { path: { scope }, header: { "Idempotency-Key": keys.of(body) } };
  const invited = await data(api.POST(path, { params, body }));
  const results = "results" in invited ? invited.results : [];
  for (const result of results) {
    const one = outcome(result, "collaborator");
    if (one instanceof Problem) console.log(`${emails[result.index]}: ${one.body?.detail ?? one.code}`);
  }

  // All pages.
  const people = await items("collaborators", (at) =>
    data(api.GET(path, { params: { path: { scope }, query: { limit: 100, ...at } } })),
  );

  // A change names the version that it was decided on.
  const lead = people.find(({ email }) => email === emails[0]);
  if (lead) {
    try {
      await data(
        api.PUT("/v1/scopes/{scope}/collaborators/{id}/role", {
          params: { path: { scope, id: lead.id }, header: ifMatch(lead.version) },
          body: { role: "administrator", reason: "Leads the team" },
        }),
      );
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== "stale-version") throw error;
      console.log("someone else changed the role meanwhile");
    }
  }
  return people.map(({ email, status }) => `${email} ${status}`);
}
