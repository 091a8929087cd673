import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, type Collaborator, data, entityTag, type GivenRole, type Grant } from "../api/client";
import { useNames } from "../api/names";
import { asProblem } from "../api/problem";
import { collaboratorOrGone, invalidateClient, useScope } from "../api/queries";
import { useRoles } from "../api/roles";
import { reachOf } from "../api/scopes";
import { Dialog, DialogButtons } from "../ui/dialog";
import { displayName } from "../ui/display-name";
import { ProblemNote } from "../ui/problem";
import { Loaded } from "../ui/state";
import { useToast } from "../ui/toast";
import { dayOf } from "../words/dates";
import { useWords } from "../words/provider";
import { Conflict } from "./conflict";
import { EndField, endFault } from "./end-field";
import { changedEnd, type EndChange } from "./ends";
import { directGrant } from "./grants";
import { OutlivesField } from "./outlives-field";
import { ReasonField } from "./reason-field";
import { type Choice, defaultRole, lacksRights, RoleFields, roleRequest } from "./role-fields";
import { useKeeper } from "./selection";

interface Props {
  scope: string;
  collaborator: Collaborator;
  /** What the user chose before the dialog opened. */
  role?: GivenRole | undefined;
  end?: EndChange | undefined;
  onClose: () => void;
}

/** Role, custom rights and end of a collaborator's access at one scope, with the roles that it offers. */
export function RoleDialog(props: Props) {
  const words = useWords();
  const found = useScope(props.scope);
  const roles = useRoles(props.scope);
  // The roles that the client defines may take a moment longer.
  const isRead = found.data && (roles.length > 0 || found.data.roles.length === 0);
  if (isRead) return <RoleForm {...props} roles={roles} />;
  return (
    <Dialog title={words.role.title(displayName(props.collaborator))} onClose={props.onClose}>
      <Loaded of={found}>{null}</Loaded>
    </Dialog>
  );
}

function RoleForm({
  scope,
  collaborator,
  role,
  end: chosenEnd,
  roles,
  onClose,
}: Props & { roles: readonly GivenRole[] }) {
  const words = useWords();
  const { nameOf, scopes } = useNames();
  const grant = directGrant(collaborator, scope);
  const [choice, setChoice] = useState<Choice>(() => initialChoice(grant, roles, role));
  const [end, setEnd] = useState<EndChange | undefined>(chosenEnd ?? initialEnd(grant));
  const [outlivesEvent, setOutlives] = useState(grant?.outlivesEvent ?? false);
  const [reason, setReason] = useState("");
  const [checked, setChecked] = useState(false);
  // The version seen when the dialog opened, and the current one if another user changed it in the meantime.
  const [seen, setSeen] = useState(collaborator);
  const [current, setCurrent] = useState<Collaborator | "gone">();
  // A role that is no longer offered can be kept.
  const offered = roles.includes(choice.role) ? roles : [...roles, choice.role];
  const saving = useSaving(scope, collaborator, onClose, setCurrent);
  const fault = endFault(end);
  const expiresAt = endOf(end, grant);
  const body = {
    ...roleRequest(choice),
    expiresAt,
    outlivesEvent,
    ...(reason.trim() ? { reason: reason.trim() } : {}),
  };
  const save = (version: number) =>
    saving.mutate({ version, body, undo: grant && seen === collaborator ? grant : undefined });
  if (current) {
    return (
      <Conflict
        who={displayName(collaborator)}
        scope={scope}
        seen={seen}
        current={current}
        change={{ role: choice.role, permissions: [...choice.permissions], expiresAt }}
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
    <Dialog
      title={words.role.title(displayName(collaborator))}
      onClose={onClose}
      busy={saving.isPending}
      onSubmit={() => {
        setChecked(true);
        if (!lacksRights(choice) && !fault) save(seen.version);
      }}
      foot={
        <>
          {saving.error && <ProblemNote error={saving.error} onRetry={() => save(seen.version)} />}
          <DialogButtons onClose={onClose} busy={saving.isPending}>
            <button type="submit" disabled={saving.isPending}>
              {grant ? words.save : words.role.giveButton}
            </button>
          </DialogButtons>
        </>
      }
    >
      <p className="hint">
        {grant
          ? `${words.role.at(nameOf(scope), reachOf(scopes, scope))} ${words.role.mail}`
          : words.role.gives(nameOf(scope), reachOf(scopes, scope))}
      </p>
      <RoleFields
        roles={offered}
        choice={choice}
        onChoice={setChoice}
        error={checked && lacksRights(choice) ? words.role.chooseOne : undefined}
      />
      <EndField
        value={end}
        onChange={setEnd}
        mayMove={Boolean(grant?.expiresAt)}
        error={checked && fault ? words.ends[fault] : undefined}
      />
      <OutlivesField scope={scope} value={outlivesEvent} onChange={setOutlives} />
      <ReasonField reason={reason} onReason={setReason} />
    </Dialog>
  );
}

interface RoleChange {
  version: number;
  body: ReturnType<typeof roleRequest> & {
    expiresAt: string | null;
    outlivesEvent: boolean;
    reason?: string;
  };
  /** The grant to go back to. */
  undo: Grant | undefined;
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
  const keeper = useKeeper();
  const put = async (version: number, body: RoleChange["body"]) => {
    const params = { path: { scope, id: collaborator.id }, header: { "If-Match": entityTag(version) } };
    const saved = await data(api.PUT("/v1/scopes/{scope}/collaborators/{id}/role", { params, body }));
    keeper.changed([saved]);
    return saved.version;
  };
  const reload = () => invalidateClient(queries, scope, [collaborator.id]);
  const undoing = useMutation({
    mutationFn: ({ version, grant }: { version: number; grant: Grant }) =>
      put(version, {
        ...roleRequest(asChoice(grant)),
        expiresAt: grant.expiresAt,
        outlivesEvent: grant.outlivesEvent ?? false,
      }),
    onSuccess: () => toast(role.undone(displayName(collaborator))),
    onError: () => toast(role.notUndone),
    onSettled: reload,
  });
  return useMutation({
    mutationFn: async ({ version, body }: RoleChange) => {
      try {
        return await put(version, body);
      } catch (error) {
        const { code } = asProblem(error);
        if (code !== "stale-version" && code !== "collaborator-not-found") throw error;
        onConflict(
          code === "stale-version" ? await collaboratorOrGone(scope, collaborator.id, false) : "gone",
        );
        return undefined;
      }
    },
    onSuccess: (version, { undo }) => {
      if (version !== undefined) {
        const canUndo = undo && undo.role !== "owner" && undo.role !== "unknown";
        toast(
          role.saved(displayName(collaborator)),
          canUndo ? () => undoing.mutate({ version, grant: undo }) : undefined,
        );
        onClose();
      }
      reload();
    },
  });
}

function asChoice({ role, permissions }: Grant): Choice {
  return { role: role as GivenRole, permissions: new Set(role === "custom" ? permissions : []) };
}

function initialChoice(
  grant: Grant | undefined,
  roles: readonly GivenRole[],
  chosen: GivenRole | undefined,
): Choice {
  const permissions = new Set(grant?.role === "custom" ? grant.permissions : []);
  const before = grant && grant.role !== "owner" && grant.role !== "unknown" ? grant.role : undefined;
  return { role: chosen ?? before ?? defaultRole(roles), permissions };
}

function initialEnd(grant: Grant | undefined): EndChange {
  return grant?.expiresAt ? { to: "date", day: dayOf(grant.expiresAt) } : { to: "none" };
}

/** The end to save. A day that is that of the present end keeps its time. */
function endOf(end: EndChange | undefined, grant: Grant | undefined): string | null {
  const before = grant?.expiresAt ?? null;
  if (!end || endFault(end)) return before;
  if (end.to === "date" && before && end.day === dayOf(before)) return before;
  const after = changedEnd(end, before);
  return after === undefined ? before : after;
}
