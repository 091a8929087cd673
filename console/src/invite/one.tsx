import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { Link } from "wouter";
import { api, type Collaborator, data, type GivenRole, type NewCollaborator } from "../api/client";
import { useKeys } from "../api/key";
import { asProblem, type Problem } from "../api/problem";
import { invalidateClient, useOwnAccess } from "../api/queries";
import { clientOf, permissionsAt } from "../api/scopes";
import { type Choice, defaultRole, lacksRights, RoleFields, roleRequest } from "../grid/role-fields";
import { DialogButtons } from "../ui/dialog";
import { displayName } from "../ui/display-name";
import { Field } from "../ui/field";
import { ProblemNote } from "../ui/problem";
import { useToast } from "../ui/toast";
import { fromLocalInput, LAST_INPUT } from "../words/dates";
import { useWords } from "../words/provider";

export interface FormProps {
  scope: string;
  roles: readonly GivenRole[];
  /** How many seats are free; undefined if there is no limit. */
  free: number | undefined;
  onBusy: (busy: boolean) => void;
  onClose: () => void;
}

/** The form for one person. */
export function InviteOne({ scope, roles, onBusy, onClose }: FormProps) {
  const words = useWords();
  const { invite } = words;
  const [choice, setChoice] = useState<Choice>({ role: defaultRole(roles), permissions: new Set() });
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
        {(props) => (
          <input
            {...props}
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
        {(props) => <input {...props} name="name" maxLength={100} autoComplete="off" />}
      </Field>
      <RoleFields
        roles={roles}
        choice={choice}
        onChoice={setChoice}
        error={incomplete ? words.role.chooseOne : undefined}
      />
      <Field label={words.role.ends} help={words.role.endsHelp} optional>
        {(props) => <input {...props} name="ends" type="datetime-local" max={LAST_INPUT} />}
      </Field>
      <Field label={invite.locale} optional>
        {(props) => (
          <select {...props} name="locale">
            <option value="">{invite.localeDefault}</option>
            <option value="fr">Français</option>
            <option value="en">English</option>
          </select>
        )}
      </Field>
      <Field label={invite.message} help={invite.messageHelp} optional>
        {(props) => <textarea {...props} name="message" maxLength={500} rows={3} />}
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

/** A link to what blocks a refused invitation. */
function Next({ scope, problem, onGo }: { scope: string; problem: Problem; onGo: () => void }) {
  const { problems } = useWords();
  const { data: access } = useOwnAccess();
  if (problem.code === "seat-limit-reached" && permissionsAt(access, clientOf(scope)).has("access:view")) {
    return (
      <Link href={`/scopes/${clientOf(scope)}?below=true&sort=lastLoginAt`} onClick={onGo}>
        {problems.seeSeats}
      </Link>
    );
  }
  const collaborator = problem.body?.collaborator;
  if (!collaborator) return null;
  return (
    <Link href={`/scopes/${scope}/people/${collaborator}`} onClick={onGo}>
      {problems.openCollaborator}
    </Link>
  );
}

function invitation(form: FormData, choice: Choice): NewCollaborator {
  const value = (name: string) => String(form.get(name) ?? "").trim();
  const body: NewCollaborator = { email: value("email"), ...roleRequest(choice) };
  const expiresAt = fromLocalInput(value("ends"));
  const locale = value("locale");
  if (value("name")) body.name = value("name");
  if (value("message")) body.message = value("message");
  if (expiresAt) body.expiresAt = expiresAt;
  if (locale === "fr" || locale === "en") body.locale = locale;
  return body;
}

/** Sends the invitation. A retry after a broken connection uses the same idempotency key. */
function useSending(scope: string, onClose: () => void) {
  const queries = useQueryClient();
  const toast = useToast();
  const { invite } = useWords();
  const keys = useKeys();
  return useMutation({
    mutationFn: async (body: NewCollaborator): Promise<Collaborator> => {
      const params = { path: { scope }, header: { "Idempotency-Key": keys.of(body) } };
      const response = await data(api.POST("/v1/scopes/{scope}/collaborators", { params, body }));
      if ("results" in response) throw new Error("unexpected batch response");
      return response;
    },
    onSuccess: async (collaborator) => {
      const who = displayName(collaborator);
      toast(collaborator.status === "active" ? invite.granted(who) : invite.sent(who));
      onClose();
      await invalidateClient(queries, scope);
    },
  });
}
