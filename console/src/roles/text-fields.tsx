import { Field } from "../ui/field";
import { useLanguage } from "../words/provider";
import { LANGUAGES, type RoleDraft } from "./draft";

type Text = RoleDraft["name"];

interface Props {
  labels: Text;
  help?: string;
  value: Text;
  onChange: (value: Text) => void;
  maxLength: number;
  error: string | undefined;
  optional?: boolean;
  /** Whether the first field has the focus. */
  autoFocus?: boolean;
}

/** A text in each language, that of the page first. */
export function TextFields({ labels, help, value, onChange, maxLength, error, optional, autoFocus }: Props) {
  const { locale } = useLanguage();
  const languages = LANGUAGES.toSorted((one, other) => Number(other === locale) - Number(one === locale));
  return (
    <div className="fields texts">
      {languages.map((language) => (
        <Field
          key={language}
          label={labels[language]}
          help={language === locale ? help : undefined}
          // The text that is missing has the error.
          error={value[language].trim() ? undefined : error}
          optional={optional ?? false}
        >
          {(props) => (
            <input
              {...props}
              lang={language}
              // biome-ignore lint/a11y/noAutofocus: the first field of a dialog
              autoFocus={(autoFocus ?? false) && language === locale}
              value={value[language]}
              maxLength={maxLength}
              autoComplete="off"
              onChange={(event) => onChange({ ...value, [language]: event.target.value })}
            />
          )}
        </Field>
      ))}
    </div>
  );
}
