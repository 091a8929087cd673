import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { Link } from "wouter";
import { api, type Collaborator, data, type GivenRole, type NewCollaborator } from "../api/client";
import { useKeys } from "../api/key";
import { asProblem, type Problem } from "../api/problem";
import { changed, useOwnAccess } from "../api/queries";
import { clientOf, held } from "../api/scopes";
import { type Choice, first, given, lacksRights, RoleFields } from "../grid/role-fields";
import { DialogButtons } from "../ui/dialog";
import { Field } from "../ui/field";
import { called } from "../ui/person";
import { ProblemNote } from "../ui/problem";
import { useToast } from "../ui/toast";
import { fromLocalInput } from "../words/dates";
import { useWords } from "../words/provider";

export interface FormProps {
  scope: string;
  roles: readonly GivenRole[];
  /** How many seats are free; nothing if there is no limit. */
  free: number | undefined;
  onBusy: (busy: boolean) => void;
  onClose: () => void;
}

/** The form for one person. */
export function InviteOne({ scope, roles, onBusy, onClose }: FormProps) {
  const words = useWords();
  const { invite } = words;
  const [choice, setChoice] = useState<Choice>({ role: first(roles), permissions: new Set() });
  const [incomplete, setIncomplete] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const sending = useSending(scope, onClose);
  useEffect(() => onBusy(sending.isPending), [onBusy, sending.isPending]);
  const send = (filled: FormData) => {
    setIncomplete(lacksRights(choice));
    if (!lacksRights(choice)) sending.mutate(invitation(filled, choice));
  };
  const problem = sending.error ? asProblem(sending.error) : undefined;
  return (
    <form
      ref={form}
      onSubmit={(event) => {
        event.preventDefault();
        send(new FormData(event.currentTarget));
      }}
    >
      <Field
        label={invite.email}
        error={problem?.code === "invalid-email" ? problem.body?.detail : undefined}
      >
        {(tie) => (
          <input
            {...tie}
            name="email"
            type="text"
            inputMode="email"
            autoComplete="off"
            required
            spellCheck={false}
          />
        )}
      </Field>
      <Field label={invite.personName} optional>
        {(tie) => <input {...tie} name="name" maxLength={100} autoComplete="off" />}
      </Field>
      <RoleFields
        roles={roles}
        choice={choice}
        onChoice={setChoice}
        error={incomplete ? words.role.chooseOne : undefined}
      />
      <Field label={words.role.ends} help={words.role.endsHelp} optional>
        {(tie) => <input {...tie} name="ends" type="datetime-local" />}
      </Field>
      <Field label={invite.locale} optional>
        {(tie) => (
          <select {...tie} name="locale">
            <option value="">{invite.localeDefault}</option>
            <option value="fr">Français</option>
            <option value="en">English</option>
          </select>
        )}
      </Field>
      <Field label={invite.message} help={invite.messageHelp} optional>
        {(tie) => <textarea {...tie} name="message" maxLength={500} rows={3} />}
      </Field>
      {problem && problem.code !== "invalid-email" && (
        <ProblemNote error={problem} onRetry={() => form.current?.requestSubmit()}>
          <Next scope={scope} problem={problem} onGo={onClose} />
        </ProblemNote>
      )}
      <DialogButtons onClose={onClose} busy={sending.isPending}>
        <button type="submit" disabled={sending.isPending}>
          {invite.send}
        </button>
      </DialogButtons>
    </form>
  );
}

/** Where a refused invitation leads on to. */
function Next({ scope, problem, onGo }: { scope: string; problem: Problem; onGo: () => void }) {
  const { problems } = useWords();
  const { data: access } = useOwnAccess();
  if (problem.code === "seat-limit-reached" && held(access, clientOf(scope)).has("access:view")) {
    return (
      <Link href={`/scopes/${clientOf(scope)}?below=true&sort=lastLoginAt`} onClick={onGo}>
        {problems.seeSeats}
      </Link>
    );
  }
  const someone = problem.body?.collaborator;
  if (!someone) return null;
  return (
    <Link href={`/scopes/${scope}/people/${someone}`} onClick={onGo}>
      {problems.openPerson}
    </Link>
  );
}

function invitation(form: FormData, choice: Choice): NewCollaborator {
  const said = (name: string) => String(form.get(name) ?? "").trim();
  const wanted: NewCollaborator = { email: said("email"), ...given(choice) };
  const expiresAt = fromLocalInput(said("ends"));
  const locale = said("locale");
  if (said("name")) wanted.name = said("name");
  if (said("message")) wanted.message = said("message");
  if (expiresAt) wanted.expiresAt = expiresAt;
  if (locale === "fr" || locale === "en") wanted.locale = locale;
  return wanted;
}

/** Sends it; the same again after a broken connection is the same request, by its key. */
function useSending(scope: string, onClose: () => void) {
  const queries = useQueryClient();
  const toast = useToast();
  const { invite } = useWords();
  const keys = useKeys();
  return useMutation({
    mutationFn: async (wanted: NewCollaborator): Promise<Collaborator> => {
      const params = { path: { scope }, header: { "Idempotency-Key": keys.of(wanted) } };
      const answer = await data(api.POST("/v1/scopes/{scope}/collaborators", { params, body: wanted }));
      if ("results" in answer) throw new Error("one invitation was answered as several");
      return answer;
    },
    onSuccess: async (person) => {
      toast(person.status === "active" ? invite.given(called(person)) : invite.sent(called(person)));
      onClose();
      await changed(queries, scope);
    },
  });
}
