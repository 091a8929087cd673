import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, data } from "../api/client";
import { useKeys } from "../api/key";
import { useNames } from "../api/names";
import { invalidateClient } from "../api/queries";
import { Field } from "../ui/field";
import { ProblemNote } from "../ui/problem";
import { Title } from "../ui/title";
import { useToast } from "../ui/toast";
import { useWords } from "../words/provider";

const EMPTY = { subject: "", text: "" };

/** Sends an announcement to everyone who works at a scope or below it. */
export function AnnouncementsPage({ scope }: { scope: string }) {
  const { announcement: words } = useWords();
  const { nameOf } = useNames();
  const [announcement, setAnnouncement] = useState(EMPTY);
  const keys = useKeys();
  const toast = useToast();
  const queries = useQueryClient();
  const sending = useMutation({
    mutationFn: (body: typeof EMPTY) => {
      const params = { path: { scope }, header: { "Idempotency-Key": keys.of(body) } };
      return data(api.POST("/v1/scopes/{scope}/announcements", { params, body }));
    },
    onSuccess: async ({ recipients }) => {
      toast(words.sent(recipients));
      keys.renew();
      setAnnouncement(EMPTY);
      await invalidateClient(queries, scope);
    },
  });
  return (
    <div className="narrow">
      <Title>{words.title(nameOf(scope))}</Title>
      <p>{words.lead}</p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          sending.mutate(announcement);
        }}
      >
        <Field label={words.subject}>
          {(props) => (
            <input
              {...props}
              required
              maxLength={120}
              value={announcement.subject}
              onChange={(event) => setAnnouncement({ ...announcement, subject: event.target.value })}
            />
          )}
        </Field>
        <Field label={words.text} help={words.textHelp}>
          {(props) => (
            <textarea
              {...props}
              required
              rows={8}
              maxLength={2_000}
              value={announcement.text}
              onChange={(event) => setAnnouncement({ ...announcement, text: event.target.value })}
            />
          )}
        </Field>
        {sending.error && <ProblemNote error={sending.error} onRetry={() => sending.mutate(announcement)} />}
        <div className="buttons">
          <button type="submit" disabled={sending.isPending}>
            {words.send}
          </button>
        </div>
      </form>
    </div>
  );
}
