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
import { keepInMemory } from "../session/storage";
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

/** The team of a scope, as the console shows it, in a page of another origin. See `clients/coulisses-team`. */
export class CoulissesTeam extends HTMLElement {
  static readonly observedAttributes = ["scope", "api", "lang", "accent"];

  #getToken: GetToken | undefined;
  #root: Root | undefined;
  #queries: QueryClient | undefined;

  /** Where the access token comes from. Nothing is shown before it is set. */
  get getToken(): GetToken | undefined {
    return this.#getToken;
  }

  set getToken(getToken: GetToken | undefined) {
    this.#getToken = getToken;
    this.#show();
  }

  connectedCallback(): void {
    this.#show();
  }

  disconnectedCallback(): void {
    this.#root?.unmount();
    this.#root = undefined;
    this.#queries = undefined;
  }

  attributeChangedCallback(): void {
    this.#show();
  }

  async #show(): Promise<void> {
    const scope = this.getAttribute("scope");
    const getToken = this.#getToken;
    if (!this.isConnected || !scope || !getToken) return;
    const accent = this.getAttribute("accent");
    if (accent) this.style.setProperty("--brand", accent);
    const locale: Locale = this.getAttribute("lang")?.startsWith("fr") ? "fr" : "en";
    setLocale(locale);
    const token = async (renew: boolean) => {
      const given = await getToken({ renew });
      if (given) this.#session = { ...this.#session, account: claimsOf(given) };
      return given;
    };
    callFrom(this.getAttribute("api") ?? "", token);
    const [words] = await Promise.all([loadWords(locale), token(false)]);
    // Removed, or shown with other attributes, in the meantime.
    if (!this.isConnected || this.getAttribute("scope") !== scope) return;
    const shadow = this.shadowRoot ?? this.attachShadow({ mode: "open" });
    if (!this.#root) {
      shadow.adoptedStyleSheets = [styles()];
      const [app, overlays] = [document.createElement("div"), document.createElement("div")];
      app.className = "app";
      overlays.className = "overlays";
      shadow.replaceChildren(app, overlays);
      this.#root = createRoot(app);
      this.#queries = new QueryClient(QUERY_OPTIONS);
      this.#overlays = overlays;
    }
    const queries = this.#queries ?? new QueryClient(QUERY_OPTIONS);
    this.#root.render(
      <Frame
        key={`${scope} ${locale}`}
        scope={scope}
        locale={locale}
        words={words}
        session={this.#session}
        queries={queries}
        overlays={this.#overlays}
      />,
    );
  }

  #overlays: HTMLElement | undefined;

  /** The page around this one signs users in: it hears of the wish by an event. */
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
}

interface FrameProps {
  scope: string;
  locale: Locale;
  words: Words;
  session: AnySession;
  queries: QueryClient;
  overlays: HTMLElement | undefined;
}

function Frame({ scope, locale, words, session, queries, overlays }: FrameProps): ReactNode {
  const { hook, searchHook } = memoryLocation({ path: `/scopes/${scope}` });
  return (
    <LanguageProvider locale={locale} words={words}>
      <Crash>
        <SessionProvider session={session}>
          <QueryClientProvider client={queries}>
            <I18nProvider locale={regional(locale)}>
              <UNSAFE_PortalProvider getContainer={() => overlays ?? null}>
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
