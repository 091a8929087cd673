import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, data } from "../api/client";
import { useKeys } from "../api/key";
import { useNames } from "../api/names";
import { changed } from "../api/queries";
import { Field } from "../ui/field";
import { ProblemNote } from "../ui/problem";
import { Title } from "../ui/title";
import { useToast } from "../ui/toast";
import { useWords } from "../words/provider";

const EMPTY = { subject: "", text: "" };

/** A message to everybody who works at a scope or below it. */
export function NoticesPage({ scope }: { scope: string }) {
  const { notices } = useWords();
  const { nameOf } = useNames();
  const [notice, setNotice] = useState(EMPTY);
  const keys = useKeys();
  const toast = useToast();
  const queries = useQueryClient();
  const sending = useMutation({
    mutationFn: (body: typeof EMPTY) => {
      const params = { path: { scope }, header: { "Idempotency-Key": keys.of(body) } };
      return data(api.POST("/v1/scopes/{scope}/notices", { params, body }));
    },
    onSuccess: async ({ recipients }) => {
      toast(notices.sent(recipients));
      keys.renew();
      setNotice(EMPTY);
      await changed(queries, scope);
    },
  });
  return (
    <div className="narrow">
      <Title>{notices.title(nameOf(scope))}</Title>
      <p>{notices.lead}</p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          sending.mutate(notice);
        }}
      >
        <Field label={notices.subject}>
          {(tie) => (
            <input
              {...tie}
              required
              maxLength={120}
              value={notice.subject}
              onChange={(event) => setNotice({ ...notice, subject: event.target.value })}
            />
          )}
        </Field>
        <Field label={notices.text} help={notices.textHelp}>
          {(tie) => (
            <textarea
              {...tie}
              required
              rows={8}
              maxLength={2_000}
              value={notice.text}
              onChange={(event) => setNotice({ ...notice, text: event.target.value })}
            />
          )}
        </Field>
        {sending.error && <ProblemNote error={sending.error} onRetry={() => sending.mutate(notice)} />}
        <div className="buttons">
          <button type="submit" disabled={sending.isPending}>
            {notices.send}
          </button>
        </div>
      </form>
    </div>
  );
}
