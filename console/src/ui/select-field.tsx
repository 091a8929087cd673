import {
  Button,
  FieldError,
  Label,
  ListBox,
  ListBoxItem,
  Popover,
  Select,
  SelectValue,
  Text,
} from "react-aria-components";
import { Icon } from "./icon";
import { useTopLayer } from "./top-layer";

interface Props<T extends string> {
  label: string;
  value: T;
  /** Each option's value and text. */
  options: readonly (readonly [T, string])[];
  onChange: (value: T) => void;
  help?: string | undefined;
  /** Whether the label is for screen readers only. */
  bare?: boolean;
  isInvalid?: boolean;
}

/** The library's key for an empty value, which it takes for none. */
const EMPTY = " ";

/** A labelled list to choose one option from. */
export function SelectField<T extends string>({
  label,
  value,
  options,
  onChange,
  help,
  bare = false,
  isInvalid = false,
}: Props<T>) {
  const topLayer = useTopLayer();
  return (
    <Select
      className={bare ? "" : "field"}
      value={value || EMPTY}
      isInvalid={isInvalid}
      // The form says what is wrong itself; the browser would refuse to submit it without a word.
      validationBehavior="aria"
      onChange={(key) => onChange((key === EMPTY ? "" : String(key)) as T)}
    >
      <Label className={bare ? "sr" : "label"}>{label}</Label>
      <Button className="select-button">
        <SelectValue />
        <Icon of="open" />
      </Button>
      {help && (
        <Text slot="description" className="hint">
          {help}
        </Text>
      )}
      <FieldError className="error" />
      <Popover {...topLayer} className="popover">
        <ListBox className="list-box">
          {options.map(([option, text]) => (
            <ListBoxItem key={option} id={option || EMPTY} textValue={text} className="menu-item">
              {text}
            </ListBoxItem>
          ))}
        </ListBox>
      </Popover>
    </Select>
  );
}
