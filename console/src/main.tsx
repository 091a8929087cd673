import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { asProblem } from "./api/problem";
import { App } from "./app";
import { readConfig } from "./config";
import { SessionProvider } from "./session/provider";
import { Session } from "./session/session";
import "./styles.css";
import { keepInvitation } from "./session/invitation-token";
import { Crash } from "./ui/crash";
import { told } from "./ui/problem";
import { ToastProvider } from "./ui/toast";
import { locale } from "./words/locale";
import { LanguageProvider, WORDS } from "./words/provider";

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      // Others change access too: whatever comes back into view is read again.
      staleTime: 5_000,
      // What the browser holds for offline is no reason to wait in silence.
      networkMode: "always",
      retry: (failures, error) => failures < 2 && asProblem(error).passes,
    },
    mutations: { retry: false, networkMode: "always" },
  },
});

async function start(): Promise<void> {
  // First of all, so that the token stands in the address bar as shortly as can be.
  keepInvitation();
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
    const { title, detail } = told(asProblem(error), WORDS[locale()]);
    const retry = document.createElement("button");
    retry.textContent = WORDS[locale()].retry;
    retry.addEventListener("click", () => location.reload());
    root.replaceChildren(`${title}. ${detail} `, retry);
  }
}

void start();
