import { Field } from "./field";

interface Props<T extends string> {
  label: string;
  value: T;
  /** Each option's value and text. */
  options: readonly (readonly [T, string])[];
  onChange: (value: T) => void;
  required?: boolean;
}

/** A labelled drop-down list. */
export function SelectField<T extends string>({ label, value, options, onChange, required }: Props<T>) {
  return (
    <Field label={label}>
      {(props) => (
        <select
          {...props}
          required={required}
          value={value}
          onChange={(event) => onChange(event.target.value as T)}
        >
          {options.map(([option, text]) => (
            <option key={option} value={option}>
              {text}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}
