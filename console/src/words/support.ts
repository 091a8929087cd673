import { useLanguage } from "./provider";
import { support as en } from "./support-en";
import { support as fr } from "./support-fr";

/** The texts of the page of support, which are loaded with it. */
export function useSupportWords(): typeof fr {
  return useLanguage().locale === "fr" ? fr : en;
}
