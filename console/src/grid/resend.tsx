import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, type Collaborator, data } from "../api/client";
import { useKeys } from "../api/key";
import { changed } from "../api/queries";
import { Dialog } from "../ui/dialog";
import { Icon } from "../ui/icon";
import { called } from "../ui/person";
import { ProblemNote, useSecondsTo } from "../ui/problem";
import { useToast } from "../ui/toast";
import { useWords } from "../words/provider";

/** The seconds that two invitation mails to one person are apart (domain rule 9). */
const APART = 60;

/** Sends the invitation again: the state of it, and when it may be. */
export function useResend(scope: string, person: Collaborator) {
  const queries = useQueryClient();
  const toast = useToast();
  const { resend } = useWords();
  const keys = useKeys();
  const sentAt = person.invitation?.sentAt ?? null;
  const left = useSecondsTo(sentAt ? Date.parse(sentAt) + APART * 1_000 : 0);
  const sending = useMutation({
    mutationFn: () => {
      const params = { path: { scope, id: person.id }, header: { "Idempotency-Key": keys.of(sentAt) } };
      return data(api.POST("/v1/scopes/{scope}/collaborators/{id}/resend", { params, body: {} }));
    },
    onSuccess: async () => {
      toast(resend.done(called(person)));
      await changed(queries, scope);
    },
  });
  return { sending, left };
}

/** The paper plane of a row; what goes wrong is told in a dialog, since a row has no room for it. */
export function ResendIcon({ scope, person }: { scope: string; person: Collaborator }) {
  const { grid, resend } = useWords();
  const { sending, left } = useResend(scope, person);
  const [told, setTold] = useState(true);
  const label =
    left > 0 ? `${grid.resend(called(person))} – ${resend.wait(left)}` : grid.resend(called(person));
  return (
    <>
      <button
        type="button"
        className="quiet"
        aria-label={label}
        title={label}
        aria-disabled={left > 0 || sending.isPending}
        onClick={() => {
          setTold(false);
          if (left === 0 && !sending.isPending) sending.mutate();
        }}
      >
        <Icon of="plane" />
        {left > 0 && <small aria-hidden="true">{left}</small>}
      </button>
      {sending.error && !told && (
        <Dialog title={grid.resend(called(person))} onClose={() => setTold(true)}>
          <ProblemNote error={sending.error} onRetry={() => sending.mutate()} />
        </Dialog>
      )}
    </>
  );
}
