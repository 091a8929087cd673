import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { type ReactNode, Suspense } from "react";
import { UNSAFE_PortalProvider } from "react-aria";
import { I18nProvider } from "react-aria-components";
import { createRoot, type Root } from "react-dom/client";
import { enableShadowDOM } from "react-stately/private/flags/flags";
import { Router } from "wouter";
import { memoryLocation } from "wouter/memory-location";
import { callFrom } from "../api/client";
import { QUERY_OPTIONS } from "../api/query-options";
import { Routes } from "../routes";
import { type AnySession, SessionProvider } from "../session/provider";
import { forgetMemory, keepInMemory } from "../session/storage";
import { Crash } from "../ui/crash";
import { Skeleton } from "../ui/state";
import { ToastProvider } from "../ui/toast";
import type { Words } from "../words/fr";
import { type Locale, setLocale } from "../words/locale";
import { LanguageProvider, loadWords } from "../words/provider";
import { regional } from "../words/region";
import { claimsOf } from "./claims";
import { styles } from "./styles";

/**
 * Returns an access token of the signed-in user. With `renew`, the API refused the last one: return a new one, or
 * nothing if the user has to sign in again.
 */
export type GetToken = (options: { renew: boolean }) => Promise<string | undefined> | string | undefined;

keepInMemory();
enableShadowDOM();

/** The element that is shown. The API client and the language are those of the module, so there is one at a time. */
let shown: CoulissesTeam | undefined;

/** What the element keeps while it shows one scope to one person. */
interface View {
  /** The scope and the person that it was made for: another scope or person needs another one. */
  key: string;
  queries: QueryClient;
  location: Pick<ReturnType<typeof memoryLocation>, "hook" | "searchHook">;
}

/** The team of a scope, as the console shows it, in a page of another origin. See `clients/coulisses-team`. */
export class CoulissesTeam extends HTMLElement {
  static readonly observedAttributes = ["scope", "api", "lang", "accent"];

  #getToken: GetToken | undefined;
  #root: Root | undefined;
  #overlays: HTMLElement | undefined;
  #view: View | undefined;
  #turn = 0;

  /** The page around this one signs users in: an event asks it to. */
  #session: AnySession = {
    config: { authority: "", clientId: "", scope: "", product: "" },
    account: { email: "", name: undefined },
    subscribe: () => () => undefined,
    signIn: async () => {
      this.dispatchEvent(new CustomEvent("coulisses-sign-in", { bubbles: true, composed: true }));
    },
    signedIn: async () => "/",
    signOut: async () => undefined,
  };

  /** Returns the access token. Nothing is shown before it is set. */
  get getToken(): GetToken | undefined {
    return this.#getToken;
  }

  set getToken(getToken: GetToken | undefined) {
    this.#getToken = getToken;
    void this.#show();
  }

  connectedCallback(): void {
    void this.#show();
  }

  disconnectedCallback(): void {
    if (shown === this) shown = undefined;
    this.#turn += 1;
    this.#root?.unmount();
    this.#root = undefined;
    this.#overlays = undefined;
    this.#view = undefined;
    // Drafts last as long as the element: the next user of the page does not find them.
    forgetMemory();
  }

  attributeChangedCallback(): void {
    void this.#show();
  }

  async #show(): Promise<void> {
    const scope = this.getAttribute("scope");
    const getToken = this.#getToken;
    if (!this.isConnected || !scope || !getToken) return;
    if (shown && shown !== this) {
      console.error("coulisses-team: only one element can be shown at a time");
      return;
    }
    shown = this;
    this.#turn += 1;
    const turn = this.#turn;
    const accent = this.getAttribute("accent");
    if (accent) this.style.setProperty("--brand", accent);
    const api = this.getAttribute("api") ?? "";
    const locale: Locale = this.getAttribute("lang")?.startsWith("fr") ? "fr" : "en";
    const token = async (renew: boolean) => (await getToken({ renew })) ?? undefined;
    // If the page has no token now, the requests say so, with a way to try again.
    const [words, first] = await Promise.all([loadWords(locale), token(false).catch(() => undefined)]);
    // Removed, or shown with other attributes, in the meantime.
    if (turn !== this.#turn) return;
    callFrom(api, token);
    setLocale(locale);
    const account = claimsOf(first ?? "");
    this.#session = { ...this.#session, account };
    const view = this.#viewOf([api, scope, account.email].join(" "), scope);
    const overlays = this.#overlays ?? this.#open();
    this.#root?.render(
      <Frame
        key={`${view.key} ${locale}`}
        view={view}
        locale={locale}
        words={words}
        session={this.#session}
        overlays={overlays}
      />,
    );
  }

  /** The data and the place of this scope and person: another one starts anew. */
  #viewOf(key: string, scope: string): View {
    if (this.#view?.key !== key) {
      const location = memoryLocation({ path: `/scopes/${scope}` });
      this.#view = { key, queries: new QueryClient(QUERY_OPTIONS), location };
    }
    return this.#view as View;
  }

  /** Makes the shadow root: the app, and what opens above it. */
  #open(): HTMLElement {
    const shadow = this.shadowRoot ?? this.attachShadow({ mode: "open" });
    shadow.adoptedStyleSheets = [styles()];
    const [app, overlays] = [document.createElement("div"), document.createElement("div")];
    app.className = "app";
    overlays.className = "overlays";
    shadow.replaceChildren(app, overlays);
    this.#root = createRoot(app);
    this.#overlays = overlays;
    return overlays;
  }
}

interface FrameProps {
  view: View;
  locale: Locale;
  words: Words;
  session: AnySession;
  overlays: HTMLElement;
}

function Frame({ view, locale, words, session, overlays }: FrameProps): ReactNode {
  const { queries, location } = view;
  const { hook, searchHook } = location;
  return (
    <LanguageProvider locale={locale} words={words}>
      <Crash>
        <SessionProvider session={session}>
          <QueryClientProvider client={queries}>
            <I18nProvider locale={regional(locale)}>
              <UNSAFE_PortalProvider getContainer={() => overlays}>
                <ToastProvider>
                  {/* Addresses stay within the element. */}
                  <Router hook={hook} searchHook={searchHook} hrefs={() => "#"}>
                    <div lang={locale}>
                      <Suspense fallback={<Skeleton lines={6} />}>
                        <Routes />
                      </Suspense>
                    </div>
                  </Router>
                </ToastProvider>
              </UNSAFE_PortalProvider>
            </I18nProvider>
          </QueryClientProvider>
        </SessionProvider>
      </Crash>
    </LanguageProvider>
  );
}

if (!customElements.get("coulisses-team")) customElements.define("coulisses-team", CoulissesTeam);
