import { owner as en } from "./owner-en";
import { owner as fr } from "./owner-fr";
import { useLanguage } from "./provider";

/** The texts of the page of ownership, which are loaded with it. */
export function useOwnerWords(): typeof fr {
  return useLanguage().locale === "fr" ? fr : en;
}
