import { useOwnWords } from "../words/provider";
import { roles as en } from "../words/roles-en";
import { roles as fr, type RoleWords } from "../words/roles-fr";

/** The texts of the page of roles, in the current language. */
export function useRolePageWords(): RoleWords {
  return useOwnWords({ fr, en });
}
