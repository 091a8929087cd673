import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, type Collaborator, data, entityTag, type GivenRole } from "../api/client";
import { useNames } from "../api/names";
import { asProblem } from "../api/problem";
import { asItIs, changed } from "../api/queries";
import { Dialog, DialogButtons } from "../ui/dialog";
import { Field } from "../ui/field";
import { called } from "../ui/person";
import { ProblemNote } from "../ui/problem";
import { useToast } from "../ui/toast";
import { fromLocalInput, toLocalInput } from "../words/dates";
import { useWords } from "../words/provider";
import { Conflict } from "./conflict";
import { directGrant } from "./grants";
import { type Choice, first, given, lacksRights, RoleFields } from "./role-fields";

interface Props {
  scope: string;
  person: Collaborator;
  roles: readonly GivenRole[];
  onClose: () => void;
}

/** The pencil: role, custom rights and end of somebody's access here. */
export function RoleDialog({ scope, person, roles, onClose }: Props) {
  const words = useWords();
  const { nameOf } = useNames();
  const grant = directGrant(person, scope);
  const [choice, setChoice] = useState<Choice>(() => chosenFrom(person, scope, roles));
  const [ends, setEnds] = useState(() => toLocalInput(grant?.expiresAt));
  const [reason, setReason] = useState("");
  const [incomplete, setIncomplete] = useState(false);
  // What was read when the dialog opened, and what was found to count when somebody else was faster.
  const [read, setRead] = useState(person);
  const [now, setNow] = useState<Collaborator | "gone">();
  // A role that is no longer offered may be kept.
  const offered = roles.includes(choice.role) ? roles : [...roles, choice.role];
  const saving = useSaving(scope, person, onClose, setNow);
  const save = (version: number) => {
    const expiresAt =
      ends === toLocalInput(grant?.expiresAt) ? (grant?.expiresAt ?? null) : fromLocalInput(ends);
    const why = reason.trim() ? { reason: reason.trim() } : {};
    saving.mutate({ version, body: { ...given(choice), expiresAt, ...why } });
  };
  if (now) {
    const mine = { role: choice.role, permissions: [...choice.permissions], expiresAt: fromLocalInput(ends) };
    return (
      <Conflict
        who={called(person)}
        scope={scope}
        read={read}
        now={now}
        wanted={mine}
        busy={saving.isPending}
        onMine={(version) => {
          if (now !== "gone") setRead(now);
          setNow(undefined);
          save(version);
        }}
        onTheirs={onClose}
      />
    );
  }
  return (
    <Dialog title={words.role.title(called(person))} onClose={onClose} busy={saving.isPending}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          setIncomplete(lacksRights(choice));
          if (!lacksRights(choice)) save(read.version);
        }}
      >
        <p className="hint">
          {words.role.at(nameOf(scope))}. {grant ? words.role.lead : words.role.none}
        </p>
        <RoleFields
          roles={offered}
          choice={choice}
          onChoice={setChoice}
          error={incomplete ? words.role.chooseOne : undefined}
        />
        <Field label={words.role.ends} help={words.role.endsHelp} optional>
          {(tie) => (
            <input
              {...tie}
              type="datetime-local"
              value={ends}
              onChange={(event) => setEnds(event.target.value)}
            />
          )}
        </Field>
        <Field label={words.role.reason} help={words.role.reasonHelp} optional>
          {(tie) => (
            <input
              {...tie}
              value={reason}
              maxLength={500}
              onChange={(event) => setReason(event.target.value)}
            />
          )}
        </Field>
        {saving.error && <ProblemNote error={saving.error} onRetry={() => save(read.version)} />}
        <DialogButtons onClose={onClose} busy={saving.isPending}>
          <button type="submit" disabled={saving.isPending}>
            {words.save}
          </button>
        </DialogButtons>
      </form>
    </Dialog>
  );
}

interface Wanted {
  version: number;
  body: ReturnType<typeof given> & { expiresAt: string | null; reason?: string };
}

/** Saves; where somebody else was faster, reads what counts now in the place of overwriting it. */
function useSaving(
  scope: string,
  person: Collaborator,
  onClose: () => void,
  onConflict: (now: Collaborator | "gone") => void,
) {
  const queries = useQueryClient();
  const toast = useToast();
  const { role } = useWords();
  return useMutation({
    mutationFn: async ({ version, body }: Wanted) => {
      const params = { path: { scope, id: person.id }, header: { "If-Match": entityTag(version) } };
      try {
        await data(api.PUT("/v1/scopes/{scope}/collaborators/{id}/role", { params, body }));
        return true;
      } catch (error) {
        const { code } = asProblem(error);
        if (code !== "stale-version" && code !== "collaborator-not-found") throw error;
        onConflict(code === "stale-version" ? await asItIs(scope, person.id, false) : "gone");
        return false;
      }
    },
    onSuccess: async (saved) => {
      if (saved) {
        toast(role.saved(called(person)));
        onClose();
      }
      await changed(queries, scope);
    },
  });
}

function chosenFrom(person: Collaborator, scope: string, roles: readonly GivenRole[]): Choice {
  const grant = directGrant(person, scope);
  const permissions = new Set(grant?.role === "custom" ? grant.permissions : []);
  const role = grant && grant.role !== "owner" ? grant.role : first(roles);
  return { role, permissions };
}
