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
import { LanguageProvider, loadWords } from "./words/provider";

const RELOADED = "coulisses.reloaded";

/** How long after a reload the next one may be, in milliseconds. */
const AGAIN = 60_000;

// A release replaced the file of a page that this tab had not loaded yet.
addEventListener("vite:preloadError", () => {
  // Once: a file that stays missing would reload the page endlessly.
  const last = Number(sessionStorage.getItem(RELOADED));
  if (!navigator.onLine || Date.now() - last < AGAIN) return;
  sessionStorage.setItem(RELOADED, String(Date.now()));
  location.reload();
});

async function start(): Promise<void> {
  // First, to remove the token from the address bar as soon as possible.
  storeInvitation();
  const root = document.getElementById("app");
  if (!root) return;
  const words = await loadWords(locale());
  try {
    const session = new Session(await readConfig());
    await session.restore();
    createRoot(root).render(
      <StrictMode>
        <LanguageProvider locale={locale()} words={words}>
          <Crash>
            <SessionProvider session={session}>
              <ToastProvider>
                <App />
              </ToastProvider>
            </SessionProvider>
          </Crash>
        </LanguageProvider>
      </StrictMode>,
    );
  } catch (error) {
    const { title, detail } = describeProblem(asProblem(error), words);
    const retry = document.createElement("button");
    retry.textContent = words.retry;
    retry.addEventListener("click", () => location.reload());
    root.replaceChildren(`${title}. ${detail} `, retry);
  }
}

void start();
