import { browserStore } from "../session/storage";

/** The languages of the page. */
export type Locale = "fr" | "en";

const STORAGE_KEY = "coulisses.locale";

let current: Locale | undefined;

function stored(): Locale | undefined {
  const value = browserStore.getItem(STORAGE_KEY);
  return value === "fr" || value === "en" ? value : undefined;
}

/** The first of the browser's languages that the page supports. */
function ofBrowser(): Locale {
  for (const language of navigator.languages) {
    const short = language.slice(0, 2);
    if (short === "fr" || short === "en") return short;
  }
  return "en";
}

/** The current language. */
export function locale(): Locale {
  current ??= stored() ?? ofBrowser();
  return current;
}

/** Sets the language, without storing it. */
export function setLocale(chosen: Locale): void {
  current = chosen;
}

/** Changes the language and stores it for the next visit. */
export function saveLocale(chosen: Locale): void {
  current = chosen;
  browserStore.setItem(STORAGE_KEY, chosen);
}
