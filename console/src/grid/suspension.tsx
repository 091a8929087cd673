import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, type Collaborator, data } from "../api/client";
import { invalidateClient } from "../api/queries";
import { clientOf } from "../api/scopes";
import { Dialog, DialogButtons } from "../ui/dialog";
import { displayName } from "../ui/display-name";
import { ProblemNote } from "../ui/problem";
import { useToast } from "../ui/toast";
import { useWords } from "../words/provider";
import { ReasonField } from "./reason-field";

interface Props {
  scope: string;
  collaborator: Collaborator;
  onClose: () => void;
}

/** Suspends a collaborator in the whole client. */
export function SuspendDialog({ scope, collaborator, onClose }: Props) {
  const { suspension } = useWords();
  const [reason, setReason] = useState("");
  const suspending = useSuspending(scope, collaborator, onClose);
  const submit = () => suspending.mutate(reason.trim());
  return (
    <Dialog
      title={suspension.title(displayName(collaborator))}
      onClose={onClose}
      busy={suspending.isPending}
      size="small"
      onSubmit={submit}
      foot={
        <>
          {suspending.error && <ProblemNote error={suspending.error} onRetry={submit} />}
          <DialogButtons onClose={onClose} busy={suspending.isPending}>
            <button type="submit" className="danger" disabled={suspending.isPending}>
              {suspension.suspend}
            </button>
          </DialogButtons>
        </>
      }
    >
      <p>{suspension.lead}</p>
      <ReasonField reason={reason} onReason={setReason} />
    </Dialog>
  );
}

function useSuspending(scope: string, collaborator: Collaborator, onDone: () => void) {
  const queries = useQueryClient();
  const toast = useToast();
  const { suspension } = useWords();
  const who = displayName(collaborator);
  const path = "/v1/scopes/{scope}/collaborators/{id}/suspension";
  const params = { path: { scope: clientOf(scope), id: collaborator.id } };
  const reload = () => invalidateClient(queries, scope, [collaborator.id]);
  const undoing = useMutation({
    mutationFn: () => data(api.DELETE(path, { params })),
    onSuccess: () => toast(suspension.restored(who)),
    onError: () => toast(suspension.notRestored(who)),
    onSettled: reload,
  });
  return useMutation({
    mutationFn: (reason: string) => data(api.POST(path, { params, body: reason ? { reason } : {} })),
    onSuccess: () => {
      toast(suspension.suspended(who), () => undoing.mutate());
      onDone();
      reload();
    },
  });
}
