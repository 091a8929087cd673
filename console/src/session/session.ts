import { type User, UserManager, WebStorageStateStore } from "oidc-client-ts";
import { api, authorizeWith, data } from "../api/client";
import type { Config } from "../config";
import { forgetInvitation } from "./invitation-token";

/** The signed-in user. */
export interface Account {
  email: string;
  name: string | undefined;
}

/** Where to continue after signing in. Stays in this browser; the issuer only sees a key. */
interface Intent {
  path: string;
}

/** Signs the user in and out at the configured issuer, by authorization code with PKCE. */
export class Session {
  private readonly manager: UserManager;
  private readonly listeners = new Set<() => void>();
  private user: User | null = null;
  /** The signed-in user, if any. */
  account: Account | undefined;

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
    // Without a refresh token, renewal would need a frame, which the page's content security policy forbids.
    this.manager.events.addAccessTokenExpiring(() => {
      if (this.user?.refresh_token) this.manager.signinSilent().catch(() => undefined);
    });
    this.manager.events.addUserLoaded((user) => this.become(user));
    authorizeWith(() => this.user?.access_token);
  }

  /** Restores the sign-in of this tab. */
  async restore(): Promise<void> {
    const user = await this.manager.getUser();
    this.become(user?.expired ? null : user);
  }

  /** Calls `listener` on each sign-in and sign-out, until the returned function is called. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  private become(user: User | null): void {
    const email = user?.profile.email;
    this.user = user;
    this.account = email ? { email, name: user.profile.name } : undefined;
    for (const listener of this.listeners) listener();
  }

  /** Goes to the issuer to sign in as `email`, then back to `path`. `prompt` makes it ask even if it has a session. */
  async signIn(path: string, email?: string, prompt = false): Promise<void> {
    const intent: Intent = { path };
    const hint = email ? { login_hint: email } : {};
    await this.manager.signinRedirect({ state: intent, ...hint, ...(prompt ? { prompt: "login" } : {}) });
  }

  /** Completes the sign-in; returns the path to continue at. */
  async signedIn(): Promise<string> {
    const user = await this.manager.signinRedirectCallback();
    this.become(user);
    history.replaceState(null, "", "/signed-in");
    await recordLogins();
    return (user.state as Intent | undefined)?.path ?? "/";
  }

  /** Signs out here, and at the issuer if it supports that. */
  async signOut(): Promise<void> {
    forgetInvitation();
    try {
      await this.manager.signoutRedirect();
    } catch {
      // Not every issuer has an end-session endpoint.
      await this.manager.removeUser();
      location.assign("/signed-out");
    }
  }
}

/** Records the login in each client where the user has access (docs/domain.md#rule-13). Failures are ignored. */
async function recordLogins(): Promise<void> {
  try {
    const { access } = await data(api.GET("/v1/me/access"));
    await Promise.all(access.map(({ client }) => recordLogin(client.id)));
  } catch {
    // The next page shows the problem if it persists.
  }
}

/** Records the login in one client. Failures are ignored. */
export async function recordLogin(client: string): Promise<void> {
  const params = { path: { scope: client } };
  await api.POST("/v1/scopes/{scope}/logins", { params, body: {} }).catch(() => undefined);
}
