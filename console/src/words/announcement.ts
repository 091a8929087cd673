import { announcement as en } from "./announcement-en";
import { announcement as fr } from "./announcement-fr";
import { useLanguage } from "./provider";

/** The texts of the page of announcements, which are loaded with it. */
export function useAnnouncementWords(): typeof fr {
  return useLanguage().locale === "fr" ? fr : en;
}
