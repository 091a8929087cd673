import { useNames } from "../api/names";
import { clientOf, LEVELS, lineage, permissionsAt } from "../api/scopes";
import { useWords } from "../words/provider";

interface Props {
  scope: string;
  value: boolean;
  onChange: (value: boolean) => void;
}

/** Whether access to an event goes on after it, for users who manage the whole client. */
export function OutlivesField({ scope, value, onChange }: Props) {
  const { ends } = useWords();
  const { access } = useNames();
  const mayGive = permissionsAt(access, clientOf(scope)).has("access:manage");
  if (lineage(scope).length < LEVELS || !mayGive) return null;
  return (
    <label className="check">
      <input type="checkbox" checked={value} onChange={(event) => onChange(event.target.checked)} />
      {ends.outlives}
    </label>
  );
}
