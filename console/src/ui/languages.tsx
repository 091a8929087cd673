import { LANGUAGE_NAMES, useLanguage } from "../words/provider";

/** The languages that the page is not in. */
export function useOtherLanguages() {
  const { locale, changeLocale } = useLanguage();
  const others = (["fr", "en"] as const).filter((other) => other !== locale);
  return others.map((other) => ({
    locale: other,
    name: LANGUAGE_NAMES[other],
    choose: () => changeLocale(other),
  }));
}

/** A button for each other language. */
export function Languages() {
  return useOtherLanguages().map(({ locale, name, choose }) => (
    <button key={locale} type="button" className="plain" lang={locale} onClick={choose}>
      {name}
    </button>
  ));
}
