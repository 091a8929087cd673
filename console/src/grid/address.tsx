import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useLocation } from "wouter";
import { api, type Collaborator, data, entityTag } from "../api/client";
import { asProblem } from "../api/problem";
import { invalidateClient } from "../api/queries";
import { clientOf } from "../api/scopes";
import { Dialog, DialogButtons } from "../ui/dialog";
import { displayName } from "../ui/display-name";
import { Field } from "../ui/field";
import { usePersonPath } from "../ui/person-path";
import { ProblemNote } from "../ui/problem";
import { useToast } from "../ui/toast";
import { useWords } from "../words/provider";
import { useKeeper } from "./selection";

interface Props {
  scope: string;
  collaborator: Collaborator;
  onClose: () => void;
}

/** Moves a person to another address. Someone without an account is invited there. */
export function AddressDialog({ scope, collaborator, onClose }: Props) {
  const { address } = useWords();
  const [email, setEmail] = useState(collaborator.email);
  const queries = useQueryClient();
  const toast = useToast();
  const [path, navigate] = useLocation();
  const pathOf = usePersonPath(scope);
  const keeper = useKeeper();
  const moving = useMutation({
    mutationFn: () => {
      const params = {
        path: { scope: clientOf(scope), id: collaborator.id },
        header: { "If-Match": entityTag(collaborator.version) },
      };
      const body = { email: email.trim() };
      return data(api.PUT("/v1/scopes/{scope}/collaborators/{id}/email", { params, body }));
    },
    onSuccess: ({ id }) => {
      toast(address.done(email.trim()));
      keeper.removed([collaborator.id]);
      onClose();
      // The address makes the id.
      if (path.endsWith(`/people/${collaborator.id}`)) navigate(pathOf(id), { replace: true });
      invalidateClient(queries, scope);
    },
    // Someone else may have changed the person: the next try is on what is read now.
    onError: () => invalidateClient(queries, scope, [collaborator.id]),
  });
  const problem = moving.error ? asProblem(moving.error) : undefined;
  const isPending = collaborator.status === "pending";
  return (
    <Dialog
      title={address.title(displayName(collaborator))}
      onClose={onClose}
      busy={moving.isPending}
      size="small"
      onSubmit={() => moving.mutate()}
      foot={
        <>
          {problem && problem.code !== "invalid-email" && (
            <ProblemNote error={problem} onRetry={() => moving.mutate()} />
          )}
          <DialogButtons onClose={onClose} busy={moving.isPending}>
            <button type="submit" disabled={moving.isPending || email.trim() === collaborator.email}>
              {isPending ? address.resend : address.move}
            </button>
          </DialogButtons>
        </>
      }
    >
      <p className="hint">{isPending ? address.pendingLead : address.lead}</p>
      <Field
        label={address.label}
        error={problem?.code === "invalid-email" ? problem.body?.detail : undefined}
      >
        {(props) => (
          <input
            {...props}
            autoFocus
            required
            inputMode="email"
            autoComplete="off"
            spellCheck={false}
            value={email}
            onFocus={(event) => event.target.select()}
            onChange={(event) => setEmail(event.target.value)}
          />
        )}
      </Field>
    </Dialog>
  );
}
