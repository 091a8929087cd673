import type { Locale } from "./locale";

const rules = { fr: new Intl.PluralRules("fr"), en: new Intl.PluralRules("en") };
const numbers = { fr: new Intl.NumberFormat("fr"), en: new Intl.NumberFormat("en") };

const lists = { fr: new Intl.ListFormat("fr"), en: new Intl.ListFormat("en-GB") };

/** Several items as one text: "Paris, Lyon et Nice". */
export function listed(locale: Locale, items: readonly string[]): string {
  return lists[locale].format(items);
}

/** A number with its noun. Zero takes the singular in French and the plural in English. */
export function counted(locale: Locale, n: number, one: string, other: string): string {
  return `${numbers[locale].format(n)} ${rules[locale].select(n) === "one" ? one : other}`;
}
