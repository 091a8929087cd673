import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, type Collaborator, data, entityTag, type GivenRole, type Grant } from "../api/client";
import { useNames } from "../api/names";
import { asProblem } from "../api/problem";
import { collaboratorOrGone, invalidateClient, useRoles, useScope } from "../api/queries";
import { reachOf } from "../api/scopes";
import { Dialog, DialogButtons } from "../ui/dialog";
import { displayName } from "../ui/display-name";
import { Field } from "../ui/field";
import { ProblemNote } from "../ui/problem";
import { Loaded } from "../ui/state";
import { useToast } from "../ui/toast";
import { fromLocalInput, LAST_INPUT, toLocalInput } from "../words/dates";
import { useWords } from "../words/provider";
import { Conflict } from "./conflict";
import { directGrant } from "./grants";
import { ReasonField } from "./reason-field";
import { type Choice, defaultRole, lacksRights, RoleFields, roleRequest } from "./role-fields";

interface Props {
  scope: string;
  collaborator: Collaborator;
  onClose: () => void;
}

/** Role, custom rights and end of a collaborator's access at one scope, with the roles that it offers. */
export function RoleDialog(props: Props) {
  const words = useWords();
  const found = useScope(props.scope);
  const roles = useRoles(props.scope);
  if (found.data) return <RoleForm {...props} roles={roles} />;
  return (
    <Dialog title={words.role.title(displayName(props.collaborator))} onClose={props.onClose}>
      <Loaded of={found}>{null}</Loaded>
    </Dialog>
  );
}

function RoleForm({ scope, collaborator, roles, onClose }: Props & { roles: readonly GivenRole[] }) {
  const words = useWords();
  const { nameOf, scopes } = useNames();
  const grant = directGrant(collaborator, scope);
  const [choice, setChoice] = useState<Choice>(() => initialChoice(grant, roles));
  const [ends, setEnds] = useState(() => toLocalInput(grant?.expiresAt));
  const [reason, setReason] = useState("");
  const [incomplete, setIncomplete] = useState(false);
  // The version seen when the dialog opened, and the current one if another user changed it in the meantime.
  const [seen, setSeen] = useState(collaborator);
  const [current, setCurrent] = useState<Collaborator | "gone">();
  // A role that is no longer offered can be kept.
  const offered = roles.includes(choice.role) ? roles : [...roles, choice.role];
  const saving = useSaving(scope, collaborator, onClose, setCurrent);
  const save = (version: number) => {
    const expiresAt =
      ends === toLocalInput(grant?.expiresAt) ? (grant?.expiresAt ?? null) : fromLocalInput(ends);
    const why = reason.trim() ? { reason: reason.trim() } : {};
    saving.mutate({ version, body: { ...roleRequest(choice), expiresAt, ...why } });
  };
  if (current) {
    const change = {
      role: choice.role,
      permissions: [...choice.permissions],
      expiresAt: fromLocalInput(ends),
    };
    return (
      <Conflict
        who={displayName(collaborator)}
        scope={scope}
        seen={seen}
        current={current}
        change={change}
        busy={saving.isPending}
        onSave={(version) => {
          if (current !== "gone") setSeen(current);
          setCurrent(undefined);
          save(version);
        }}
        onDiscard={onClose}
      />
    );
  }
  return (
    <Dialog title={words.role.title(displayName(collaborator))} onClose={onClose} busy={saving.isPending}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          setIncomplete(lacksRights(choice));
          if (!lacksRights(choice)) save(seen.version);
        }}
      >
        <p className="hint">
          {grant
            ? `${words.role.at(nameOf(scope))}. ${words.role.lead}`
            : words.role.gives(nameOf(scope), reachOf(scopes, scope))}
        </p>
        <RoleFields
          roles={offered}
          choice={choice}
          onChoice={setChoice}
          error={incomplete ? words.role.chooseOne : undefined}
        />
        <Field label={words.role.ends} help={words.role.endsHelp} optional>
          {(props) => (
            <input
              {...props}
              type="datetime-local"
              max={LAST_INPUT}
              value={ends}
              onChange={(event) => setEnds(event.target.value)}
            />
          )}
        </Field>
        <ReasonField reason={reason} onReason={setReason} />
        {saving.error && <ProblemNote error={saving.error} onRetry={() => save(seen.version)} />}
        <DialogButtons onClose={onClose} busy={saving.isPending}>
          <button type="submit" disabled={saving.isPending}>
            {grant ? words.save : words.role.giveButton}
          </button>
        </DialogButtons>
      </form>
    </Dialog>
  );
}

interface RoleChange {
  version: number;
  body: ReturnType<typeof roleRequest> & { expiresAt: string | null; reason?: string };
}

/** Saves the change. If another user changed the access first, passes the current version to `onConflict` instead. */
function useSaving(
  scope: string,
  collaborator: Collaborator,
  onClose: () => void,
  onConflict: (current: Collaborator | "gone") => void,
) {
  const queries = useQueryClient();
  const toast = useToast();
  const { role } = useWords();
  return useMutation({
    mutationFn: async ({ version, body }: RoleChange) => {
      const params = { path: { scope, id: collaborator.id }, header: { "If-Match": entityTag(version) } };
      try {
        await data(api.PUT("/v1/scopes/{scope}/collaborators/{id}/role", { params, body }));
        return true;
      } catch (error) {
        const { code } = asProblem(error);
        if (code !== "stale-version" && code !== "collaborator-not-found") throw error;
        onConflict(
          code === "stale-version" ? await collaboratorOrGone(scope, collaborator.id, false) : "gone",
        );
        return false;
      }
    },
    onSuccess: async (saved) => {
      if (saved) {
        toast(role.saved(displayName(collaborator)));
        onClose();
      }
      await invalidateClient(queries, scope, [collaborator.id]);
    },
  });
}

function initialChoice(grant: Grant | undefined, roles: readonly GivenRole[]): Choice {
  const permissions = new Set(grant?.role === "custom" ? grant.permissions : []);
  const role = grant && grant.role !== "owner" && grant.role !== "unknown" ? grant.role : defaultRole(roles);
  return { role, permissions };
}
