import { effects, type paths } from "@coulisses/client";
import { batches } from "../api/batch";
import { api, type Collaborator, data, type Effects, type GivenRole } from "../api/client";
import { Problem } from "../api/problem";

type Body = NonNullable<
  paths["/v1/scopes/{scope}/copies"]["post"]["requestBody"]
>["content"]["application/json"];

/** The result of one copy: the person with access, or why they have none. */
export interface Copied {
  email: string;
  person?: Collaborator | undefined;
  problem?: Problem | undefined;
}

/** Invitations in one request. */
const MOST_INVITED = 50;

interface Results {
  results: { index: number; email?: string; collaborator?: Collaborator; problem?: Problem["body"] }[];
  nextCursor?: string | null;
}

const copied = ({ results }: Results, emails: readonly string[] = []): Copied[] =>
  results.map(({ index, email, collaborator, problem }) => ({
    email: email ?? emails[index] ?? "",
    person: collaborator,
    problem: problem ? new Problem(problem.code, problem) : undefined,
  }));

/** Who would get access, and how many seats it takes. */
export async function previewOf(
  scope: string,
  body: Body,
): Promise<{ team: Copied[]; seats: Effects["seats"] | undefined }> {
  const team: Copied[] = [];
  let seats: Effects["seats"] | undefined;
  for (let cursor: string | null = null; ; ) {
    const params = { path: { scope }, query: { dryRun: true } };
    const page = await effects(api.POST("/v1/scopes/{scope}/copies", { params, body: { ...body, cursor } }));
    const found = page.body as Results;
    team.push(...copied(found));
    const now = page.effects.seats;
    seats = seats && now ? { before: seats.before, after: seats.after + now.after - now.before } : now;
    cursor = found.nextCursor ?? null;
    if (!cursor) return { team, seats };
  }
}

/** Copies the people, page by page. A page is repeated under the same key after a failure. */
export async function copyTeam(scope: string, body: Body, key: string): Promise<Copied[]> {
  const team: Copied[] = [];
  for (let cursor: string | null = null; ; ) {
    const params = { path: { scope }, header: { "Idempotency-Key": `${key}-${team.length}` } };
    const found = (await data(
      api.POST("/v1/scopes/{scope}/copies", { params, body: { ...body, cursor } }),
    )) as Results;
    team.push(...copied(found));
    cursor = found.nextCursor ?? null;
    if (!cursor) return team;
  }
}

interface Invitation {
  email: string;
  role: GivenRole;
  ifFull?: "wait";
}

/** The people whose role was changed, as invitations. */
export function invitationsOf(
  chosen: readonly Copied[],
  roles: ReadonlyMap<string, GivenRole>,
): Invitation[] {
  return chosen.flatMap(({ person }) => {
    const role = person && roles.get(person.id);
    return person && role ? [{ email: person.email, role }] : [];
  });
}

/** Invites them, as many in a request as one takes. */
export async function inviteChanged(
  scope: string,
  invitations: readonly Invitation[],
  keyOf: (some: readonly Invitation[]) => string,
): Promise<Copied[]> {
  const done: Copied[] = [];
  for (const some of batches(invitations, MOST_INVITED)) {
    const params = { path: { scope }, header: { "Idempotency-Key": keyOf(some) } };
    const found = (await data(
      api.POST("/v1/scopes/{scope}/collaborators", { params, body: { invitations: some } }),
    )) as Results;
    const emails = some.map(({ email }) => email);
    done.push(...copied(found, emails));
  }
  return done;
}
