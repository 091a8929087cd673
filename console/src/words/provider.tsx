import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from "react";
import { formats } from "./dates";
import { en } from "./en";
import { fr, type Words } from "./fr";
import { locale as initial, type Locale, saveLocale } from "./locale";

interface Language {
  locale: Locale;
  words: Words;
  changeLocale: (locale: Locale) => void;
}

const Context = createContext<Language | undefined>(undefined);

/** The texts by language. */
export const WORDS: Record<Locale, Words> = { fr, en };

/** Provides the language, and sets the `lang` attribute of the page. */
export function LanguageProvider({ children }: { children: ReactNode }) {
  const [locale, setLocale] = useState(initial);
  useEffect(() => {
    document.documentElement.lang = locale;
  }, [locale]);
  const language = useMemo(() => {
    const changeLocale = (chosen: Locale) => {
      saveLocale(chosen);
      setLocale(chosen);
    };
    return { locale, words: WORDS[locale], changeLocale };
  }, [locale]);
  return <Context.Provider value={language}>{children}</Context.Provider>;
}

export function useLanguage(): Language {
  const language = useContext(Context);
  if (!language) throw new Error("LanguageProvider is missing");
  return language;
}

/** The texts in the current language. */
export function useWords(): Words {
  return useLanguage().words;
}

/** The formats of times in the current language. */
export function useDates() {
  const { locale } = useLanguage();
  return useMemo(() => formats(locale), [locale]);
}
