import { useId } from "react";
import type { GivenRole, Permission } from "../api/client";
import { isInCatalogue, useRoleWords } from "../api/roles";
import { useWords } from "../words/provider";
import { RightsField } from "./rights-field";

/** The role chosen in a form, with the rights of a custom one. */
export interface Choice {
  role: GivenRole;
  permissions: ReadonlySet<Permission>;
}

interface Props {
  roles: readonly GivenRole[];
  choice: Choice;
  onChoice: (choice: Choice) => void;
  error?: string | undefined;
}

/** The roles to choose from, with a table of check boxes for a custom one. */
export function RoleFields({ roles, choice, onChoice, error }: Props) {
  const { grid } = useWords();
  const { roleName, roleHelp } = useRoleWords();
  const id = useId();
  return (
    <>
      <fieldset>
        <legend>{grid.role}</legend>
        <div className="cards">
          {roles.map((role) => (
            <label key={role} className="choice">
              <input
                type="radio"
                name={id}
                checked={choice.role === role}
                onChange={() => onChoice({ ...choice, role })}
              />
              <span>
                <strong>{roleName(role)}</strong>
                <span className="hint">{roleHelp(role)}</span>
              </span>
            </label>
          ))}
        </div>
      </fieldset>
      {choice.role === "custom" && (
        <RightsField
          permissions={choice.permissions}
          onChange={(permissions) => onChoice({ ...choice, permissions })}
          error={error}
        />
      )}
    </>
  );
}

/** A choice as the API expects it: permissions with `custom` only. */
export function roleRequest({ role, permissions }: Choice): { role: GivenRole; permissions?: Permission[] } {
  return role === "custom" ? { role, permissions: [...permissions].sort() } : { role };
}

/** Whether a custom role has no right yet. */
export function lacksRights({ role, permissions }: Choice): boolean {
  return role === "custom" && permissions.size === 0;
}

/** The role selected at first: the weakest one of the catalogue, except custom, which needs rights. */
export function defaultRole(roles: readonly GivenRole[]): GivenRole {
  const known = roles.filter((role) => role !== "custom");
  return known.findLast(isInCatalogue) ?? known[0] ?? "custom";
}
