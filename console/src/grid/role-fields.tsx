import { useId } from "react";
import type { GivenRole, Permission } from "../api/client";
import { CHOOSABLE, toggled } from "../api/permissions";
import { RightsTable } from "../ui/rights";
import { useWords } from "../words/provider";

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
  const words = useWords();
  const id = useId();
  return (
    <>
      <fieldset>
        <legend>{words.grid.role}</legend>
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
                <strong>{words.roles[role]}</strong>
                <span className="hint">{words.roleHelp[role]}</span>
              </span>
            </label>
          ))}
        </div>
      </fieldset>
      {choice.role === "custom" && (
        <fieldset>
          <legend>{words.role.permissions}</legend>
          <p className="hint">{words.role.permissionsHelp}</p>
          <RightsTable
            label={words.role.permissions}
            entities={CHOOSABLE}
            cell={(each, label) => (
              <input
                type="checkbox"
                aria-label={label}
                checked={choice.permissions.has(each)}
                onChange={() => onChoice({ ...choice, permissions: toggled(choice.permissions, each) })}
              />
            )}
          />
          {error && (
            <p className="error" role="alert">
              {error}
            </p>
          )}
        </fieldset>
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

/** The role selected at first: the weakest one, except custom, which needs rights. */
export function defaultRole(roles: readonly GivenRole[]): GivenRole {
  return roles.findLast((role) => role !== "custom") ?? "custom";
}
