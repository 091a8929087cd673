import { type User, UserManager, WebStorageStateStore } from "oidc-client-ts";
import { api, authorizeWith, data } from "../api/client";
import type { Config } from "../config";
import { forgetInvitation } from "./invitation-token";

/** Who is signed in. */
export interface Person {
  email: string;
  name: string | undefined;
}

/** Where to go on after signing in; it stays in this browser, and only its key goes to the issuer. */
interface Intent {
  path: string;
}

/** Signs people in and out at the configured issuer: authorization code with PKCE. */
export class Session {
  private readonly manager: UserManager;
  private readonly listeners = new Set<() => void>();
  private user: User | null = null;
  /** Who is signed in, if anybody is. */
  person: Person | undefined;

  constructor(readonly config: Config) {
    const storage = new WebStorageStateStore({ store: sessionStorage });
    this.manager = new UserManager({
      authority: config.authority,
      client_id: config.clientId,
      scope: config.scope,
      response_type: "code",
      redirect_uri: `${location.origin}/signed-in`,
      post_logout_redirect_uri: `${location.origin}/signed-out`,
      userStore: storage,
      stateStore: storage,
      automaticSilentRenew: false,
    });
    // Without a refresh token a renewal would need a frame, which the page's policy forbids.
    this.manager.events.addAccessTokenExpiring(() => {
      if (this.user?.refresh_token) this.manager.signinSilent().catch(() => undefined);
    });
    this.manager.events.addUserLoaded((user) => this.become(user));
    authorizeWith(() => this.user?.access_token);
  }

  /** Finds who signed in earlier in this tab. */
  async restore(): Promise<void> {
    const user = await this.manager.getUser();
    this.become(user?.expired ? null : user);
  }

  /** Calls `listener` whenever somebody signs in or out, until the returned function is called. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  private become(user: User | null): void {
    const email = user?.profile.email;
    this.user = user;
    this.person = email ? { email, name: user.profile.name } : undefined;
    for (const listener of this.listeners) listener();
  }

  /** Leaves for the issuer's sign-in, to come back to `path`; `email` is proposed there, to be asked for if `asked`. */
  async signIn(path: string, email?: string, asked = false): Promise<void> {
    const intent: Intent = { path };
    const hint = email ? { login_hint: email } : {};
    await this.manager.signinRedirect({ state: intent, ...hint, ...(asked ? { prompt: "login" } : {}) });
  }

  /** Takes up what the issuer sent back; returns the path to go on at. */
  async signedIn(): Promise<string> {
    const user = await this.manager.signinRedirectCallback();
    this.become(user);
    history.replaceState(null, "", "/signed-in");
    await recordLogins();
    return (user.state as Intent | undefined)?.path ?? "/";
  }

  /** Forgets who is signed in, here and at the issuer if it can. */
  async signOut(): Promise<void> {
    forgetInvitation();
    try {
      await this.manager.signoutRedirect();
    } catch {
      // Not every issuer has a way out of its own.
      await this.manager.removeUser();
      location.assign("/signed-out");
    }
  }
}

/** Tells each client in which one has access of this login (domain rule 13); what fails is not worth waiting for. */
async function recordLogins(): Promise<void> {
  try {
    const { access } = await data(api.GET("/v1/me/access"));
    const logins = access.map(({ client }) =>
      api.POST("/v1/scopes/{scope}/logins", { params: { path: { scope: client.id } }, body: {} }),
    );
    await Promise.allSettled(logins);
  } catch {
    // The next page says what is wrong, if it still is.
  }
}
