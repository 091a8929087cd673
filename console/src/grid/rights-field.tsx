import type { Permission } from "../api/client";
import { CHOOSABLE, toggled } from "../api/permissions";
import { RightsTable } from "../ui/rights";
import { useWords } from "../words/provider";

interface Props {
  permissions: ReadonlySet<Permission>;
  onChange: (permissions: ReadonlySet<Permission>) => void;
  error?: string | undefined;
}

/** A table of check boxes for the rights that can be chosen. */
export function RightsField({ permissions, onChange, error }: Props) {
  const { role } = useWords();
  return (
    <fieldset>
      <legend>{role.permissions}</legend>
      <p className="hint">{role.permissionsHelp}</p>
      <RightsTable
        label={role.permissions}
        entities={CHOOSABLE}
        cell={(each, label) => (
          <input
            type="checkbox"
            aria-label={label}
            checked={permissions.has(each)}
            onChange={() => onChange(toggled(permissions, each))}
          />
        )}
      />
      {error && (
        <p className="error" role="alert">
          {error}
        </p>
      )}
    </fieldset>
  );
}
