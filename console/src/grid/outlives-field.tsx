import { useNames } from "../api/names";
import { clientOf, hasBelow, permissionsAt } from "../api/scopes";
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
  if (hasBelow(scope) || !mayGive) return null;
  return (
    <label className="check">
      <input type="checkbox" checked={value} onChange={(event) => onChange(event.target.checked)} />
      {ends.outlives}
    </label>
  );
}
