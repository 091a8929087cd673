import type { Locale } from "./locale";

const rules = { fr: new Intl.PluralRules("fr"), en: new Intl.PluralRules("en") };
const numbers = { fr: new Intl.NumberFormat("fr"), en: new Intl.NumberFormat("en") };

/** A number with its noun. Zero takes the singular in French and the plural in English. */
export function counted(locale: Locale, n: number, one: string, other: string): string {
  return `${numbers[locale].format(n)} ${rules[locale].select(n) === "one" ? one : other}`;
}
