import { useEffect, useRef, useState } from "react";
import { Link } from "wouter";
import { sameAddress } from "../api/address";
import { type Acceptance, api, data, type InvitationPreview } from "../api/client";
import { useRead, useSend } from "../api/once";
import { asProblem } from "../api/problem";
import { acceptedNames } from "../api/scopes";
import { SignInButton } from "../session/button";
import {
  agree,
  forgetInvitation,
  storedInvitation,
  storeInvitation,
  takeAgreement,
} from "../session/invitation-token";
import { useOptionalAccount, useSession } from "../session/provider";
import { recordLogin } from "../session/session";
import { useBrandColour } from "../ui/brand-colour";
import { actorName } from "../ui/display-name";
import { isolated } from "../ui/isolated";
import { ProblemNote } from "../ui/problem";
import { Loaded } from "../ui/state";
import { Title } from "../ui/title";
import { useDates, useLanguage, useWords } from "../words/provider";

/** The page behind the link of the mail: shows who invites, the client and the roles. Opening it does not accept. */
export function InvitationPage() {
  const { invitation } = useWords();
  const [token, setToken] = useState(storedInvitation);
  useEffect(() => {
    // Opening a newer link in the same tab only changes the fragment and does not reload the page.
    const renew = () => {
      storeInvitation();
      setToken(storedInvitation());
    };
    addEventListener("hashchange", renew);
    return () => removeEventListener("hashchange", renew);
  }, []);
  return (
    <div className="welcome card">
      {token ? (
        <Preview key={token} token={token} />
      ) : (
        <>
          <Title>{invitation.title}</Title>
          <p>{invitation.none}</p>
        </>
      )}
    </div>
  );
}

function Preview({ token }: { token: string }) {
  const words = useWords();
  const found = useRead(() => data(api.POST("/v1/invitations/preview", { body: { token } })));
  const code = found.error ? asProblem(found.error).code : undefined;
  if (code === "invitation-not-found")
    return <InvalidLink title={words.invitation.dead} help={words.invitation.deadHelp} />;
  if (code === "invitation-expired") return <ExpiredLink token={token} />;
  if (code === "invitation-ended")
    return <InvalidLink title={words.invitation.ended} help={words.invitation.endedHelp} />;
  if (code === "invitation-used")
    return <InvalidLink title={words.invitation.used} help={words.invitation.usedHelp} isAnswered />;
  return (
    <>
      {!found.data && <Title>{words.invitation.title}</Title>}
      <Loaded of={found}>{found.data && <Offer token={token} preview={found.data} />}</Loaded>
    </>
  );
}

/** A link that the inviter can replace. */
function ExpiredLink({ token }: { token: string }) {
  const { invitation } = useWords();
  const renewing = useSend(() => data(api.POST("/v1/invitations/renewal", { body: { token } })));
  if (renewing.data) return <InvalidLink title={invitation.expired} help={invitation.renewed} isAnswered />;
  return (
    <>
      <Title>{invitation.expired}</Title>
      <p>{invitation.expiredHelp}</p>
      {renewing.error && <ProblemNote error={renewing.error} onRetry={() => renewing.send()} />}
      <p className="buttons">
        <button type="button" disabled={renewing.isPending} onClick={() => renewing.send()}>
          {invitation.renew}
        </button>
      </p>
    </>
  );
}

/** An unusable link, and where to go instead. */
function InvalidLink({ title, help, isAnswered }: { title: string; help: string; isAnswered?: boolean }) {
  const { invitation } = useWords();
  useEffect(forgetInvitation, []);
  return (
    <>
      <Title>{title}</Title>
      <p>{help}</p>
      <p>
        {!isAnswered && `${invitation.deadSignedIn} `}
        <Link href="/">{invitation.go}</Link>
      </p>
    </>
  );
}

/** Names the scopes that the user can access now, and leads to the back-office. */
function Welcome({ accepted, preview }: { accepted: Acceptance; preview: InvitationPreview }) {
  const { invitation } = useWords();
  const { platformUrl } = useSession().config;
  const names = acceptedNames(accepted, preview);
  const given = preview.grants.find(({ scope }) => accepted.scopes.some((each) => each.scope === scope));
  const url = given?.platformUrl ?? platformUrl;
  return (
    <>
      <Title>{invitation.welcome}</Title>
      <p role="status">{invitation.accepted(names)}</p>
      <p className="buttons spaced">
        {url && (
          <a href={url} className="button">
            {invitation.open(names[0] ?? "")}
          </a>
        )}
        <Link href="/" className={url ? "button plain" : "button"}>
          {invitation.go}
        </Link>
      </p>
    </>
  );
}

function Offer({ token, preview }: { token: string; preview: InvitationPreview }) {
  const { words, locale } = useLanguage();
  const { invitation } = words;
  const dates = useDates();
  const account = useOptionalAccount();
  const accepting = useAccepting(token);
  const isOther = account && !sameAddress(account.email, preview.email);
  const [answer, setAnswer] = useState<"declining" | "declined">();
  const isDeclining = answer === "declining";
  const begun = useRef(false);
  const { send } = accepting;
  useEffect(() => {
    if (!account || isOther || begun.current) return;
    begun.current = true;
    if (takeAgreement(token)) send();
  }, [account, isOther, token, send]);
  useBrandColour(preview.client.accentColor);
  if (accepting.data) return <Welcome accepted={accepting.data} preview={preview} />;
  if (answer === "declined")
    return <InvalidLink title={invitation.declined} help={invitation.declinedHelp} isAnswered />;
  const names = preview.grants.map(({ name }) => isolated(name));
  const by = actorName(preview.invitedBy, words);
  const inviter = preview.invitedBy.email;
  return (
    <>
      {preview.client.logoUrl && (
        <img className="logo" src={preview.client.logoUrl} alt={preview.client.name} />
      )}
      <Title>{invitation.to(names)}</Title>
      <p>{invitation.by(by, inviter, isolated(preview.client.name))}</p>
      <h2>{invitation.gives}</h2>
      <ul>
        {preview.grants.map(({ scope, name, role, roleName }) => (
          <li key={scope}>
            <strong>
              <bdi>{name}</bdi>
            </strong>
            {words.colon}
            {isolated(roleName?.[locale] ?? words.roles[role] ?? role)}{" "}
            <span className="hint">{words.roleHelp[role]}</span>
          </li>
        ))}
      </ul>
      {accepting.error && <ProblemNote error={accepting.error} onRetry={() => accepting.send()} />}
      {isDeclining ? (
        <Decline token={token} onDone={() => setAnswer("declined")} onBack={() => setAnswer(undefined)} />
      ) : (
        <>
          <Buttons
            token={token}
            preview={preview}
            accepting={accepting}
            isOther={Boolean(isOther)}
            inviter={inviter}
          />
          {!accepting.isPending && preview.grants.every(({ role }) => role !== "owner") && (
            <button type="button" className="link" onClick={() => setAnswer("declining")}>
              {invitation.decline}
            </button>
          )}
        </>
      )}
      <p className="hint">
        {invitation.for(preview.email)} {invitation.until(dates.moment(preview.expiresAt))}
      </p>
    </>
  );
}

interface DeclineProps {
  token: string;
  onDone: () => void;
  onBack: () => void;
}

/** Asks for the reason before the invitation is declined, which cannot be undone. */
function Decline({ token, onDone, onBack }: DeclineProps) {
  const { invitation } = useWords();
  const [reason, setReason] = useState("");
  const declining = useSend(async () => {
    const text = reason.trim();
    await data(api.POST("/v1/invitations/decline", { body: text ? { token, reason: text } : { token } }));
    onDone();
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        declining.send();
      }}
    >
      <p>{invitation.declineHelp}</p>
      <label>
        {invitation.reason}
        <input
          // biome-ignore lint/a11y/noAutofocus: the form has just been opened
          autoFocus
          maxLength={500}
          value={reason}
          onChange={(event) => setReason(event.target.value)}
        />
      </label>
      {Boolean(declining.error) && <ProblemNote error={declining.error} onRetry={() => declining.send()} />}
      <p className="buttons">
        <button type="submit" className="danger" disabled={declining.isPending}>
          {invitation.declining}
        </button>
        <button type="button" className="plain" onClick={onBack}>
          {invitation.back}
        </button>
      </p>
    </form>
  );
}

interface ButtonsProps {
  token: string;
  preview: InvitationPreview;
  accepting: ReturnType<typeof useAccepting>;
  isOther: boolean;
  inviter: string | undefined;
}

/** Accepting; before that, signing in with the invited address. */
function Buttons({ token, preview, accepting, isOther, inviter }: ButtonsProps) {
  const { invitation } = useWords();
  const session = useSession();
  const account = useOptionalAccount();
  // A user signed in with another address must be able to choose another account.
  const signIn = () => {
    agree(token);
    return session.signIn("/invitation", preview.email, Boolean(account));
  };
  if (!account) return <SignInButton onPress={signIn} label={invitation.signIn(preview.email)} />;
  if (isOther) {
    return (
      <>
        <p className="note">{invitation.other(preview.email, account.email)}</p>
        <p className="buttons">
          <SignInButton onPress={signIn} label={invitation.switch(preview.email)} />
          {inviter && (
            <a
              className="button plain"
              href={`mailto:${encodeURIComponent(inviter)}?subject=${encodeURIComponent(invitation.askSubject)}&body=${encodeURIComponent(invitation.askText(account.email, preview.client.name))}`}
            >
              {invitation.ask(account.email)}
            </a>
          )}
        </p>
      </>
    );
  }
  return (
    <button type="button" disabled={accepting.isPending} onClick={() => accepting.send()}>
      {invitation.accept}
    </button>
  );
}

function useAccepting(token: string) {
  return useSend(async () => {
    const accepted = await data(api.POST("/v1/invitations/accept", { body: { token } }));
    // The sign-in came before the access, so that it could not be recorded there.
    await recordLogin(accepted.client.id);
    forgetInvitation();
    return accepted;
  });
}
