import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, type Collaborator, data } from "../api/client";
import { useKeys } from "../api/key";
import { invalidateClient } from "../api/queries";
import { Dialog } from "../ui/dialog";
import { displayName } from "../ui/display-name";
import { Icon } from "../ui/icon";
import { ProblemNote, useSecondsTo } from "../ui/problem";
import { useToast } from "../ui/toast";
import { useWords } from "../words/provider";

/** The minimum number of seconds between two invitation mails to one address (docs/domain.md#rule-9). */
const INTERVAL = 60;

/** The mutation that resends an invitation, and the seconds left until that is allowed. */
export function useResend(scope: string, collaborator: Collaborator) {
  const queries = useQueryClient();
  const toast = useToast();
  const { resend } = useWords();
  const keys = useKeys();
  const sentAt = collaborator.invitation?.sentAt ?? null;
  const left = useSecondsTo(sentAt ? Date.parse(sentAt) + INTERVAL * 1_000 : 0);
  const sending = useMutation({
    mutationFn: () => {
      const params = { path: { scope, id: collaborator.id }, header: { "Idempotency-Key": keys.of(sentAt) } };
      return data(api.POST("/v1/scopes/{scope}/collaborators/{id}/resend", { params, body: {} }));
    },
    onSuccess: async () => {
      toast(resend.done(displayName(collaborator)));
      await invalidateClient(queries, scope, [collaborator.id]);
    },
  });
  return { sending, left };
}

/** The paper plane of a row. Shows a problem in a dialog, since a row has no room for it. */
export function ResendIcon({ scope, collaborator }: { scope: string; collaborator: Collaborator }) {
  const { grid, resend } = useWords();
  const { sending, left } = useResend(scope, collaborator);
  const [closed, setClosed] = useState(true);
  const title = grid.resend(displayName(collaborator));
  const label = left > 0 ? `${title} – ${resend.wait(left)}` : title;
  return (
    <>
      <button
        type="button"
        className="quiet"
        aria-label={label}
        title={label}
        aria-disabled={left > 0 || sending.isPending}
        onClick={() => {
          setClosed(false);
          if (left === 0 && !sending.isPending) sending.mutate();
        }}
      >
        <Icon of="plane" />
        {left > 0 && <small aria-hidden="true">{left}</small>}
      </button>
      {sending.error && !closed && (
        <Dialog title={title} onClose={() => setClosed(true)}>
          <ProblemNote error={sending.error} onRetry={() => sending.mutate()} />
        </Dialog>
      )}
    </>
  );
}
