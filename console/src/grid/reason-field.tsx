import { Field } from "../ui/field";
import { useWords } from "../words/provider";

/** The reason of a change, which the history shows. */
export function ReasonField({ reason, onReason }: { reason: string; onReason: (reason: string) => void }) {
  const { role } = useWords();
  return (
    <Field label={role.reason} help={role.reasonHelp} optional>
      {(props) => (
        <input {...props} value={reason} maxLength={500} onChange={(event) => onReason(event.target.value)} />
      )}
    </Field>
  );
}
