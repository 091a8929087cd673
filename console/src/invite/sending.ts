import { useMutation, useQueryClient } from "@tanstack/react-query";
import { batches, type OnResults } from "../api/batch";
import { api, type Collaborator, data, type NewCollaborator } from "../api/client";
import { type Keys, useKeys } from "../api/key";
import { asProblem, outcome, Problem } from "../api/problem";
import { invalidateClient } from "../api/queries";
import { changedEnd } from "../grid/ends";
import { type Choice, roleRequest } from "../grid/role-fields";
import { displayName } from "../ui/display-name";
import { useToast } from "../ui/toast";
import type { Draft } from "./dialog";
import type { Line } from "./lines";
import { isDone, isWaiting, type Result } from "./lines-table";
import { type InviteWords, useInviteWords } from "./words";

/** The most invitations in one request. */
export const BATCH = 50;

/**
 * Sends the lines in batches, and passes on the results of each batch as they arrive. If all are sent, the dialog is
 * finished, and the message offers to withdraw them.
 */
export function useSending(
  scope: string,
  draft: Draft,
  choice: Choice,
  onResults: OnResults<Collaborator>,
  onFinished: () => void,
) {
  const queries = useQueryClient();
  const keys = useKeys();
  const toast = useToast();
  const invite = useInviteWords();
  const reload = () => invalidateClient(queries, scope);
  const undoing = useMutation({
    mutationFn: async (ids: string[]) => {
      for (const some of batches(ids, 100)) {
        const body = { ids: some, below: false };
        const params = { path: { scope }, header: { "Idempotency-Key": keys.of(body) } };
        const { results } = await data(api.POST("/v1/scopes/{scope}/revocations", { params, body }));
        if (results.some((result) => "problem" in result)) throw new Problem("unexpected");
      }
    },
    onSuccess: (_done, ids) => toast(invite.undone(ids.length)),
    onError: () => toast(invite.notUndone),
    onSettled: reload,
  });
  return useMutation({
    mutationFn: async (lines: Line[][]) => {
      const sent: [string, Result][] = [];
      for (const batch of lines) {
        const results = await send(scope, batch, draft, choice, keys);
        sent.push(...results);
        onResults((before) => new Map([...before, ...results]));
      }
      return sent.map(([, result]) => result);
    },
    onSuccess: (results) => {
      const people = results.filter(isDone);
      const [first] = people;
      if (!first || people.length < results.length) return;
      const undo = () => undoing.mutate(people.map(({ id }) => id));
      if (people.length === 1) toast(messageOf(first, invite), undo);
      else {
        const waiting = people.filter(isWaiting).length;
        toast(
          waiting > 0 ? invite.summary(people.length - waiting, 0, waiting) : invite.sentMany(people.length),
          undo,
        );
        // The list says who waits, and for how many others.
        if (waiting > 0) return;
      }
      onFinished();
    },
    onSettled: reload,
  });
}

/** What one invitation did. */
function messageOf(person: Collaborator, invite: InviteWords): string {
  const name = displayName(person);
  if (isWaiting(person)) return invite.waits(name, person.position ?? 1);
  return (person.status === "active" ? invite.granted : invite.sent)(name);
}

async function send(
  scope: string,
  lines: Line[],
  draft: Draft,
  choice: Choice,
  keys: Keys,
): Promise<[string, Result][]> {
  const invitations = lines.map((line) => invitationOf(line, draft, choice));
  const [only, ...others] = invitations;
  const body = only && others.length === 0 ? only : { invitations };
  const params = { path: { scope }, header: { "Idempotency-Key": keys.of(body) } };
  const url = "/v1/scopes/{scope}/collaborators";
  if (!("invitations" in body)) {
    const email = lines[0]?.email ?? "";
    try {
      const invited = await data(api.POST(url, { params, body }));
      if ("results" in invited) throw new Error("unexpected batch response");
      return [[email, invited]];
    } catch (error) {
      const problem = asProblem(error);
      // A refusal belongs to the line; anything else can be tried again.
      if (problem.isTemporary || !problem.body) throw problem;
      return [[email, problem]];
    }
  }
  const response = await data(api.POST(url, { params, body }));
  if (!("results" in response)) throw new Error("expected a batch response");
  return response.results.map((result) => {
    const email = lines[result.index]?.email ?? "";
    return [email, outcome(result, "collaborator")];
  });
}

/** The invitation of a line. A role in the line wins over the one of the form. */
function invitationOf({ email, name, role }: Line, draft: Draft, choice: Choice): NewCollaborator {
  const { locale, message, end, outlivesEvent, wait } = draft;
  const expiresAt = changedEnd(end, null);
  const given = name || draft.name.trim();
  return {
    email,
    ...roleRequest(role && role !== choice.role ? { role, permissions: new Set() } : choice),
    ...(given ? { name: given } : {}),
    ...(message.trim() ? { message: message.trim() } : {}),
    ...(expiresAt ? { expiresAt } : {}),
    ...(outlivesEvent ? { outlivesEvent } : {}),
    ...(locale ? { locale } : {}),
    ...(wait ? { ifFull: "wait" } : {}),
  };
}
