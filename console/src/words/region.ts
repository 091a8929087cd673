import type { Locale } from "./locale";

/** The language with the region that the browser prefers, which decides how dates are written. */
export function regional(language: Locale): string {
  const preferred = globalThis.navigator?.languages.find((each) =>
    each.toLowerCase().startsWith(`${language}-`),
  );
  return preferred ?? (language === "fr" ? "fr-FR" : "en-GB");
}
