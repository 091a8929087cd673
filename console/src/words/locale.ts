/** The languages that the page speaks. */
export type Locale = "fr" | "en";

const KEPT = "coulisses.locale";

let current: Locale = chosen() ?? ofBrowser();

function chosen(): Locale | undefined {
  const kept = localStorage.getItem(KEPT);
  return kept === "fr" || kept === "en" ? kept : undefined;
}

/** The first of the browser's languages that the page speaks. */
function ofBrowser(): Locale {
  for (const language of navigator.languages) {
    const short = language.slice(0, 2);
    if (short === "fr" || short === "en") return short;
  }
  return "en";
}

/** The language of the page now. */
export function locale(): Locale {
  return current;
}

/** Changes the language, and keeps it for the next visit. */
export function keepLocale(wanted: Locale): void {
  current = wanted;
  localStorage.setItem(KEPT, wanted);
}
