import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from "react";
import { formats } from "./dates";
import { en } from "./en";
import { fr, type Words } from "./fr";
import { locale as initial, keepLocale, type Locale } from "./locale";

interface Language {
  locale: Locale;
  words: Words;
  /** Changes the language of the page. */
  speak: (locale: Locale) => void;
}

const Context = createContext<Language | undefined>(undefined);

/** The words by language. */
export const WORDS: Record<Locale, Words> = { fr, en };

/** Gives the language to all below, and tells it to the browser. */
export function LanguageProvider({ children }: { children: ReactNode }) {
  const [locale, setLocale] = useState(initial);
  useEffect(() => {
    document.documentElement.lang = locale;
  }, [locale]);
  const language = useMemo(() => {
    const speak = (wanted: Locale) => {
      keepLocale(wanted);
      setLocale(wanted);
    };
    return { locale, words: WORDS[locale], speak };
  }, [locale]);
  return <Context.Provider value={language}>{children}</Context.Provider>;
}

/** The language of the page. */
export function useLanguage(): Language {
  const language = useContext(Context);
  if (!language) throw new Error("no language is provided");
  return language;
}

/** The words of the page. */
export function useWords(): Words {
  return useLanguage().words;
}

/** The forms of times in the page's language. */
export function useDates() {
  const { locale } = useLanguage();
  return useMemo(() => formats(locale), [locale]);
}
