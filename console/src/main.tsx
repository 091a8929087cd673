import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { asProblem } from "./api/problem";
import { App } from "./app";
import { readConfig } from "./config";
import { SessionProvider } from "./session/provider";
import { Session } from "./session/session";
import "./styles.css";
import { storeInvitation } from "./session/invitation-token";
import { Crash } from "./ui/crash";
import { describeProblem } from "./ui/problem";
import { ToastProvider } from "./ui/toast";
import { locale } from "./words/locale";
import { LanguageProvider, WORDS } from "./words/provider";

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      // Other users change access too: reload a query when the page becomes visible again.
      staleTime: 5_000,
      // Fail when offline, instead of pausing silently.
      networkMode: "always",
      retry: (failures, error) => failures < 2 && asProblem(error).isTemporary,
    },
    mutations: { retry: false, networkMode: "always" },
  },
});

async function start(): Promise<void> {
  // First, to remove the token from the address bar as soon as possible.
  storeInvitation();
  const root = document.getElementById("app");
  if (!root) return;
  try {
    const session = new Session(await readConfig());
    await session.restore();
    createRoot(root).render(
      <StrictMode>
        <LanguageProvider>
          <Crash>
            <SessionProvider session={session}>
              <QueryClientProvider client={queries}>
                <ToastProvider>
                  <App />
                </ToastProvider>
              </QueryClientProvider>
            </SessionProvider>
          </Crash>
        </LanguageProvider>
      </StrictMode>,
    );
  } catch (error) {
    const { title, detail } = describeProblem(asProblem(error), WORDS[locale()]);
    const retry = document.createElement("button");
    retry.textContent = WORDS[locale()].retry;
    retry.addEventListener("click", () => location.reload());
    root.replaceChildren(`${title}. ${detail} `, retry);
  }
}

void start();
