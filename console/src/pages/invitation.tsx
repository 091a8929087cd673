import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { Link } from "wouter";
import { sameAddress } from "../api/address";
import { api, data, type InvitationPreview } from "../api/client";
import { asProblem } from "../api/problem";
import { SignInButton } from "../session/button";
import { forgetInvitation, keepInvitation, keptInvitation } from "../session/invitation-token";
import { usePersonIfAny, useSession } from "../session/provider";
import { calledActor } from "../ui/person";
import { ProblemNote } from "../ui/problem";
import { Loaded } from "../ui/state";
import { Title } from "../ui/title";
import { useDates, useWords } from "../words/provider";

/** What the link in the mail opens: who invites, to what, as what. Accepting is a button; opening does nothing. */
export function InvitationPage() {
  const { invitation } = useWords();
  const [token, setToken] = useState(keptInvitation);
  useEffect(() => {
    // A newer link, opened where an older one stands, changes the fragment alone and loads nothing.
    const renew = () => {
      keepInvitation();
      setToken(keptInvitation());
    };
    addEventListener("hashchange", renew);
    return () => removeEventListener("hashchange", renew);
  }, []);
  return (
    <div className="narrow">
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
  const found = useQuery({
    queryKey: ["invitation", token],
    queryFn: () => data(api.POST("/v1/invitations/preview", { body: { token } })),
    // Once accepted, the link shows nothing any more.
    refetchOnWindowFocus: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const code = found.error ? asProblem(found.error).code : undefined;
  if (code === "invitation-not-found")
    return <Dead title={words.invitation.dead} help={words.invitation.deadHelp} />;
  if (code === "invitation-expired")
    return <Dead title={words.invitation.expired} help={words.invitation.expiredHelp} />;
  return (
    <>
      <Title>{words.invitation.title}</Title>
      <Loaded of={found}>{found.data && <Offer token={token} preview={found.data} />}</Loaded>
    </>
  );
}

/** A link that leads nowhere, and where to go instead. */
function Dead({ title, help }: { title: string; help: string }) {
  const { invitation } = useWords();
  useEffect(forgetInvitation, []);
  return (
    <>
      <Title>{title}</Title>
      <p>{help}</p>
      <p>
        {invitation.deadSignedIn} <Link href="/">{invitation.go}</Link>
      </p>
    </>
  );
}

function Offer({ token, preview }: { token: string; preview: InvitationPreview }) {
  const words = useWords();
  const { invitation } = words;
  const dates = useDates();
  const session = useSession();
  const person = usePersonIfAny();
  const queries = useQueryClient();
  const accepting = useMutation({
    mutationFn: () => data(api.POST("/v1/invitations/accept", { body: { token } })),
    onSuccess: async () => {
      forgetInvitation();
      await queries.invalidateQueries({ queryKey: ["access"] });
    },
  });
  const by = "platform" in preview.invitedBy ? invitation.platform : calledActor(preview.invitedBy, words);
  if (accepting.data) {
    return (
      <>
        <p role="status">{invitation.accepted(accepting.data.client.name)}</p>
        <p>
          <Link href="/" className="button">
            {invitation.go}
          </Link>
        </p>
      </>
    );
  }
  // Whoever is signed in as somebody else must be asked who they are.
  const signIn = () => session.signIn("/invitation", preview.email, Boolean(person));
  const other = person && !sameAddress(person.email, preview.email);
  return (
    <>
      <p>{invitation.by(by, preview.client.name)}</p>
      <h2>{invitation.gives}</h2>
      <ul>
        {preview.grants.map(({ scope, name, role }) => (
          <li key={scope}>
            <strong>{name}</strong> – {words.roles[role]} <span className="hint">{words.roleHelp[role]}</span>
          </li>
        ))}
      </ul>
      <p>
        {invitation.for(preview.email)} {invitation.until(dates.moment(preview.expiresAt))}
      </p>
      {accepting.error && <ProblemNote error={accepting.error} onRetry={() => accepting.mutate()} />}
      {!person && <SignInButton onPress={signIn} label={invitation.signIn(preview.email)} />}
      {person && other && (
        <>
          <p className="note">{invitation.other(person.email)}</p>
          <SignInButton onPress={signIn} label={invitation.switch} />
        </>
      )}
      {person && !other && (
        <button type="button" disabled={accepting.isPending} onClick={() => accepting.mutate()}>
          {invitation.accept}
        </button>
      )}
    </>
  );
}
