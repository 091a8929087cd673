import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from "react";
import { isEmbedded } from "../session/storage";
import { formats } from "./dates";
import type { Words } from "./fr";
import { type Locale, saveLocale } from "./locale";

interface Language {
  locale: Locale;
  words: Words;
  changeLocale: (locale: Locale) => void;
}

const Context = createContext<Language | undefined>(undefined);

/** The languages by their own names. */
export const LANGUAGE_NAMES: Record<Locale, string> = { fr: "Français", en: "English" };

/** Loads the texts of a language. */
export async function loadWords(locale: Locale): Promise<Words> {
  return locale === "fr" ? (await import("./fr")).fr : (await import("./en")).en;
}

interface Props {
  locale: Locale;
  /** The texts of that language. */
  words: Words;
  children: ReactNode;
}

/** Provides the language, which starts as the given one, and sets the `lang` attribute of the page. */
export function LanguageProvider({ locale: first, words, children }: Props) {
  const [shown, setShown] = useState({ locale: first, words });
  const { locale } = shown;
  useEffect(() => {
    if (!isEmbedded()) document.documentElement.lang = locale;
  }, [locale]);
  const language = useMemo(() => {
    const changeLocale = (chosen: Locale) => {
      saveLocale(chosen);
      void loadWords(chosen).then((words) => setShown({ locale: chosen, words }));
    };
    return { ...shown, changeLocale };
  }, [shown]);
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

/** The texts in the current language that a page has apart, so that the others do without them. */
export function useOwnWords<T>(words: Record<Locale, T>): T {
  return words[useLanguage().locale];
}

/** The formats of times in the current language. */
export function useDates() {
  const { locale } = useLanguage();
  return useMemo(() => formats(locale), [locale]);
}
