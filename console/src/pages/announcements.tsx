import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, data, type GivenRole } from "../api/client";
import { useKeys } from "../api/key";
import { useNames } from "../api/names";
import { asProblem } from "../api/problem";
import { invalidateClient, readEffects } from "../api/queries";
import { useRolesBelow, useRoleWords } from "../api/roles";
import { hasBelow } from "../api/scopes";
import { useDraft } from "../session/draft";
import { useAccount } from "../session/provider";
import { Dialog, DialogButtons } from "../ui/dialog";
import { Field } from "../ui/field";
import { ProblemNote } from "../ui/problem";
import { Title } from "../ui/title";
import { useToast } from "../ui/toast";
import { announcement as en } from "../words/announcement-en";
import { announcement as fr } from "../words/announcement-fr";
import { useOwnWords } from "../words/provider";

interface Announcement {
  subject: string;
  text: string;
  /** Only people with one of these roles; everyone if there are none. */
  roles: GivenRole[];
  /** Only people with a role on the scope itself. */
  hereOnly: boolean;
}

const EMPTY: Announcement = { subject: "", text: "", roles: [], hereOnly: false };

/** The body of the request, which names the recipients only if they are not everyone. */
function bodyOf({ subject, text, roles, hereOnly }: Announcement) {
  const to = { ...(roles.length > 0 ? { roles } : {}), ...(hereOnly ? { below: false } : {}) };
  return { subject, text, ...(Object.keys(to).length > 0 ? { to } : {}) };
}

/** Writes an announcement, shows it and its number of recipients, then sends it. */
export function AnnouncementsPage({ scope }: { scope: string }) {
  const announcement = useOwnWords({ fr, en });
  const { roleName } = useRoleWords();
  const { nameOf } = useNames();
  const [draft, setDraft, forget] = useDraft(`announcement ${scope}`, EMPTY);
  const [isOpen, setOpen] = useState(false);
  const roles = useRolesBelow(scope).filter((role) => role !== "owner");
  const toggle = (role: GivenRole) => {
    const others = draft.roles.filter((each) => each !== role);
    setDraft({ ...draft, roles: others.length < draft.roles.length ? others : [...others, role] });
  };
  return (
    <div className="narrow">
      <Title>{announcement.title(nameOf(scope))}</Title>
      <p>{announcement.lead}</p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          setOpen(true);
        }}
      >
        <fieldset>
          <legend>{announcement.to}</legend>
          <p className="hint">{announcement.toHelp}</p>
          <div className="buttons">
            {roles.map((role) => (
              <label key={role} className="check">
                <input type="checkbox" checked={draft.roles.includes(role)} onChange={() => toggle(role)} />
                {roleName(role)}
              </label>
            ))}
          </div>
          {hasBelow(scope) && (
            <label className="check">
              <input
                type="checkbox"
                checked={draft.hereOnly}
                onChange={(event) => setDraft({ ...draft, hereOnly: event.target.checked })}
              />
              {announcement.hereOnly(nameOf(scope))}
            </label>
          )}
        </fieldset>
        <Field label={announcement.subject}>
          {(props) => (
            <input
              {...props}
              required
              maxLength={120}
              value={draft.subject}
              onChange={(event) => setDraft({ ...draft, subject: event.target.value })}
            />
          )}
        </Field>
        <Field label={announcement.text} help={announcement.textHelp}>
          {(props) => (
            <textarea
              {...props}
              required
              rows={8}
              maxLength={2_000}
              value={draft.text}
              onChange={(event) => setDraft({ ...draft, text: event.target.value })}
            />
          )}
        </Field>
        <div className="buttons">
          <button type="submit">{announcement.preview}</button>
        </div>
      </form>
      {isOpen && (
        <Preview
          scope={scope}
          announcement={draft}
          onClose={() => setOpen(false)}
          onSent={() => {
            setDraft(EMPTY);
            forget();
            setOpen(false);
          }}
        />
      )}
    </div>
  );
}

interface PreviewProps {
  scope: string;
  announcement: Announcement;
  onClose: () => void;
  onSent: () => void;
}

/** The message as it will be read, and how many people get it. Sends it, or first a test to the user alone. */
function Preview({ scope, announcement, onClose, onSent }: PreviewProps) {
  const text = useOwnWords({ fr, en });
  const { nameOf } = useNames();
  const { name, email } = useAccount();
  const toast = useToast();
  const queries = useQueryClient();
  const keys = useKeys();
  const body = bodyOf(announcement);
  const path = "/v1/scopes/{scope}/announcements";
  // A dry run has the number of recipients.
  const counted = useQuery({
    queryKey: ["recipients", scope, body],
    queryFn: () =>
      readEffects<{ recipients: number }>(
        api.POST(path, { params: { path: { scope }, query: { dryRun: true } }, body }),
      ),
    gcTime: 0,
  });
  const send = (sent: typeof body | (typeof body & { to: { onlyMe: true } })) => {
    const params = { path: { scope }, header: { "Idempotency-Key": keys.of(sent) } };
    return data(api.POST(path, { params, body: sent }));
  };
  const testing = useMutation({
    mutationFn: () => send({ ...body, to: { onlyMe: true } }),
    onSuccess: () => {
      // The next test is another one.
      keys.renew();
      toast(text.tested(email));
    },
  });
  const sending = useMutation({
    mutationFn: () => send(body),
    onSuccess: ({ recipients }) => {
      toast(text.sent(recipients));
      keys.renew();
      onSent();
      invalidateClient(queries, scope);
    },
  });
  const busy = sending.isPending || testing.isPending;
  const problem = sending.error ?? testing.error ?? counted.error;
  const recipients = counted.data?.recipients;
  const retry = () => {
    if (sending.error) sending.mutate();
    else if (testing.error) testing.mutate();
    else void counted.refetch();
  };
  return (
    <Dialog
      title={text.previewTitle}
      onClose={onClose}
      busy={busy}
      size="small"
      onSubmit={() => sending.mutate()}
      foot={
        <>
          {problem && asProblem(problem).code === "invalid-field" && counted.error ? (
            <p className="note" role="alert">
              {asProblem(problem).body?.detail}
            </p>
          ) : (
            problem && <ProblemNote error={problem} onRetry={retry} />
          )}
          <DialogButtons onClose={onClose} busy={busy}>
            <button type="button" className="plain" disabled={busy} onClick={() => testing.mutate()}>
              {text.test}
            </button>
            <button type="submit" disabled={busy || recipients === undefined}>
              {recipients === undefined ? text.counting : text.send(recipients)}
            </button>
          </DialogButtons>
        </>
      }
    >
      <p className="hint">{text.from(name ?? email, nameOf(scope))}</p>
      <div className="mail-preview">
        <strong>{announcement.subject}</strong>
        {"\n\n"}
        {announcement.text}
      </div>
    </Dialog>
  );
}
