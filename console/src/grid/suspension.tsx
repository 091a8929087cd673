import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, type Collaborator, data } from "../api/client";
import { useNames } from "../api/names";
import { invalidateClient } from "../api/queries";
import { clientOf, permissionsAt } from "../api/scopes";
import { Dialog, DialogButtons } from "../ui/dialog";
import { displayName } from "../ui/display-name";
import { ProblemNote } from "../ui/problem";
import { useToast } from "../ui/toast";
import { useWords } from "../words/provider";
import { ReasonField } from "./reason-field";

/** Suspends a collaborator after a question, or restores them. For those who manage access at the client. */
export function SuspensionButton({ scope, collaborator }: { scope: string; collaborator: Collaborator }) {
  const { suspension } = useWords();
  const { access } = useNames();
  const [open, setOpen] = useState(false);
  const changing = useSuspension(scope, collaborator, () => setOpen(false));
  const isOwner = collaborator.grants.some(({ role }) => role === "owner");
  const mayManage = permissionsAt(access, clientOf(scope)).has("access:manage");
  if (!mayManage || isOwner || collaborator.status === "expired") return null;
  if (collaborator.status === "suspended") {
    return (
      <>
        <button
          type="button"
          disabled={changing.isPending}
          onClick={() => changing.mutate({ suspend: false })}
        >
          {suspension.restore}
        </button>
        {changing.error && (
          <ProblemNote error={changing.error} onRetry={() => changing.mutate({ suspend: false })} />
        )}
      </>
    );
  }
  return (
    <>
      <button type="button" className="plain" onClick={() => setOpen(true)}>
        {suspension.suspend}
      </button>
      {open && (
        <SuspendDialog
          collaborator={collaborator}
          changing={changing}
          onClose={() => {
            changing.reset();
            setOpen(false);
          }}
        />
      )}
    </>
  );
}

interface DialogProps {
  collaborator: Collaborator;
  changing: ReturnType<typeof useSuspension>;
  onClose: () => void;
}

function SuspendDialog({ collaborator, changing, onClose }: DialogProps) {
  const { suspension } = useWords();
  const [reason, setReason] = useState("");
  const submit = () => changing.mutate({ suspend: true, reason: reason.trim() });
  return (
    <Dialog title={suspension.title(displayName(collaborator))} onClose={onClose} busy={changing.isPending}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <p>{suspension.lead}</p>
        <ReasonField reason={reason} onReason={setReason} />
        {changing.error && <ProblemNote error={changing.error} onRetry={submit} />}
        <DialogButtons onClose={onClose} busy={changing.isPending}>
          <button type="submit" className="danger" disabled={changing.isPending}>
            {suspension.suspend}
          </button>
        </DialogButtons>
      </form>
    </Dialog>
  );
}

function useSuspension(scope: string, collaborator: Collaborator, onDone: () => void) {
  const queries = useQueryClient();
  const toast = useToast();
  const { suspension } = useWords();
  return useMutation({
    mutationFn: ({ suspend, reason }: { suspend: boolean; reason?: string }) => {
      const path = "/v1/scopes/{scope}/collaborators/{id}/suspension";
      const params = { path: { scope: clientOf(scope), id: collaborator.id } };
      return suspend
        ? data(api.POST(path, { params, body: reason ? { reason } : {} }))
        : data(api.DELETE(path, { params }));
    },
    onSuccess: async (_done, { suspend }) => {
      const who = displayName(collaborator);
      toast(suspend ? suspension.suspended(who) : suspension.restored(who));
      onDone();
      await invalidateClient(queries, scope, [collaborator.id]);
    },
  });
}
