import type { User, UserManager } from "oidc-client-ts";
import { api, authorizeWith, data } from "../api/client";
import type { Config } from "../config";
import { clearDrafts } from "./draft";
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

/** What the library stores a user under, and what the page reads of it. */
const USER = "oidc.user:";
type StoredUser = Pick<User, "access_token" | "profile" | "refresh_token"> & { expires_at?: number };

/** When a restored session is loaded into the library, in milliseconds after the page. */
const RENEWAL = 5_000;

/**
 * Signs the user in and out at the configured issuer, by authorization code with PKCE. All tabs share the session. The
 * library is loaded when it is first needed: an invited person reads their invitation without it.
 */
export class Session {
  private manager: Promise<UserManager> | undefined;
  private readonly listeners = new Set<() => void>();
  private user: StoredUser | null = null;
  /** The signed-in user, if any. */
  account: Account | undefined;

  constructor(readonly config: Config) {
    authorizeWith(() => this.user?.access_token);
    // Another tab signed in or out.
    addEventListener("storage", ({ key }) => {
      if (key === null || key.startsWith(USER)) void this.restore();
    });
  }

  private open(): Promise<UserManager> {
    this.manager ??= this.opened();
    return this.manager;
  }

  private async opened(): Promise<UserManager> {
    const { UserManager, WebStorageStateStore } = await import("oidc-client-ts");
    const { config } = this;
    const manager = new UserManager({
      authority: config.authority,
      client_id: config.clientId,
      scope: config.scope,
      response_type: "code",
      redirect_uri: `${location.origin}/signed-in`,
      post_logout_redirect_uri: `${location.origin}/signed-out`,
      userStore: new WebStorageStateStore({ store: localStorage }),
      stateStore: new WebStorageStateStore({ store: sessionStorage }),
      automaticSilentRenew: false,
    });
    // Without a refresh token, renewal would need a frame, which the page's content security policy forbids.
    manager.events.addAccessTokenExpiring(() => {
      if (this.user?.refresh_token) manager.signinSilent().catch(() => undefined);
    });
    manager.events.addUserLoaded((user) => this.become(stored(user)));
    return manager;
  }

  /** Restores the sign-in of this browser. */
  async restore(): Promise<void> {
    const { authority, clientId } = this.config;
    const key = `${USER}${authority}:${clientId}`;
    const text = localStorage.getItem(key);
    const user = text === null ? null : (JSON.parse(text) as StoredUser);
    const isValid = user && (user.expires_at ?? Number.MAX_SAFE_INTEGER) * 1_000 > Date.now();
    this.become(isValid ? user : null);
    if (user && !isValid) localStorage.removeItem(key);
    // The library renews the session, and can wait until the page is shown.
    if (this.account && user?.refresh_token) setTimeout(() => void this.renewing(), RENEWAL);
  }

  /** Loads the session into the library, which then says when it is about to expire. */
  private async renewing(): Promise<void> {
    await (await this.open()).getUser();
  }

  /** Calls `listener` on each sign-in and sign-out, until the returned function is called. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  private become(user: StoredUser | null): void {
    const email = user?.profile.email;
    this.user = user;
    this.account = email ? { email, name: user.profile.name } : undefined;
    for (const listener of this.listeners) listener();
  }

  /**
   * Goes to the issuer to sign in as `email`, then back to `path`. `prompt` makes it ask even if it has a session, so that
   * the login is a new one.
   */
  async signIn(path: string, email?: string, prompt = false): Promise<void> {
    const intent: Intent = { path };
    const hint = email ? { login_hint: email } : {};
    const manager = await this.open();
    await manager.signinRedirect({
      state: intent,
      ...hint,
      ...(prompt ? { prompt: "login", max_age: 0 } : {}),
    });
  }

  /** Completes the sign-in; returns the path to continue at. */
  async signedIn(): Promise<string> {
    const user = await (await this.open()).signinRedirectCallback();
    this.become(stored(user));
    history.replaceState(null, "", "/signed-in");
    await recordLogins();
    return (user.state as Intent | undefined)?.path ?? "/";
  }

  /** Signs out here, and at the issuer if it supports that. */
  async signOut(): Promise<void> {
    forgetInvitation();
    clearDrafts();
    const manager = await this.open();
    try {
      await manager.signoutRedirect();
    } catch {
      // Not every issuer has an end-session endpoint.
      await manager.removeUser();
      location.assign("/signed-out");
    }
  }
}

/** A user as the library stores it. Without an end, the next request says whether the token is still valid. */
function stored(user: User): StoredUser {
  const { access_token, profile, refresh_token, expires_at } = user;
  return {
    access_token,
    profile,
    ...(expires_at ? { expires_at } : {}),
    ...(refresh_token ? { refresh_token } : {}),
  };
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
