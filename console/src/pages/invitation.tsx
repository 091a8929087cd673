import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { Link } from "wouter";
import { sameAddress } from "../api/address";
import { type Acceptance, api, data, type InvitationPreview } from "../api/client";
import { asProblem } from "../api/problem";
import { acceptedNames } from "../api/scopes";
import { SignInButton } from "../session/button";
import { forgetInvitation, storedInvitation, storeInvitation } from "../session/invitation-token";
import { useOptionalAccount, useSession } from "../session/provider";
import { recordLogin } from "../session/session";
import { actorName } from "../ui/display-name";
import { isolated } from "../ui/isolated";
import { PlatformLink } from "../ui/platform-link";
import { ProblemNote } from "../ui/problem";
import { Loaded } from "../ui/state";
import { Title } from "../ui/title";
import { useDates, useWords } from "../words/provider";

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
    // After it is accepted, the link no longer returns a preview.
    refetchOnWindowFocus: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const code = found.error ? asProblem(found.error).code : undefined;
  if (code === "invitation-not-found")
    return <InvalidLink title={words.invitation.dead} help={words.invitation.deadHelp} />;
  if (code === "invitation-expired")
    return <InvalidLink title={words.invitation.expired} help={words.invitation.expiredHelp} />;
  if (code === "invitation-ended")
    return <InvalidLink title={words.invitation.ended} help={words.invitation.endedHelp} />;
  if (code === "invitation-used")
    return <InvalidLink title={words.invitation.used} help={words.invitation.usedHelp} isUsed />;
  return (
    <>
      <Title>{words.invitation.title}</Title>
      <Loaded of={found}>{found.data && <Offer token={token} preview={found.data} />}</Loaded>
    </>
  );
}

/** An unusable link, and where to go instead. */
function InvalidLink({ title, help, isUsed }: { title: string; help: string; isUsed?: boolean }) {
  const { invitation } = useWords();
  useEffect(forgetInvitation, []);
  return (
    <>
      <Title>{title}</Title>
      <p>{help}</p>
      <p>
        {!isUsed && `${invitation.deadSignedIn} `}
        <Link href="/">{invitation.go}</Link>
      </p>
    </>
  );
}

/** Names the scopes that the user can access now, and links to them. */
function Welcome({ accepted, preview }: { accepted: Acceptance; preview: InvitationPreview }) {
  const { invitation } = useWords();
  const { platformUrl } = useSession().config;
  return (
    <>
      <p role="status">{invitation.accepted(acceptedNames(accepted, preview))}</p>
      <p className="buttons start">
        <PlatformLink className="button" />
        <Link href="/" className={platformUrl ? "button plain" : "button"}>
          {invitation.go}
        </Link>
      </p>
    </>
  );
}

function Offer({ token, preview }: { token: string; preview: InvitationPreview }) {
  const words = useWords();
  const { invitation } = words;
  const dates = useDates();
  const session = useSession();
  const account = useOptionalAccount();
  const queries = useQueryClient();
  const accepting = useMutation({
    mutationFn: async () => {
      const accepted = await data(api.POST("/v1/invitations/accept", { body: { token } }));
      // The sign-in came before the access, so that it could not be recorded there.
      await recordLogin(accepted.client.id);
      return accepted;
    },
    onSuccess: async () => {
      forgetInvitation();
      await queries.invalidateQueries({ queryKey: ["access"] });
    },
  });
  if (accepting.data) {
    return <Welcome accepted={accepting.data} preview={preview} />;
  }
  // A user signed in with another address must be able to choose another account.
  const signIn = () => session.signIn("/invitation", preview.email, Boolean(account));
  const isOther = account && !sameAddress(account.email, preview.email);
  return (
    <>
      <p>{invitation.by(actorName(preview.invitedBy, words), isolated(preview.client.name))}</p>
      <h2>{invitation.gives}</h2>
      <ul>
        {preview.grants.map(({ scope, name, role }) => (
          <li key={scope}>
            <strong>
              <bdi>{name}</bdi>
            </strong>{" "}
            – {words.roles[role]} <span className="hint">{words.roleHelp[role]}</span>
          </li>
        ))}
      </ul>
      <p>
        {invitation.for(preview.email)} {invitation.until(dates.moment(preview.expiresAt))}
      </p>
      {accepting.error && <ProblemNote error={accepting.error} onRetry={() => accepting.mutate()} />}
      {!account && <SignInButton onPress={signIn} label={invitation.signIn(preview.email)} />}
      {account && isOther && (
        <>
          <p className="note">{invitation.other(account.email)}</p>
          <SignInButton onPress={signIn} label={invitation.switch} />
        </>
      )}
      {account && !isOther && (
        <button type="button" disabled={accepting.isPending} onClick={() => accepting.mutate()}>
          {invitation.accept}
        </button>
      )}
    </>
  );
}
