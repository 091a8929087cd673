import { useState } from "react";
import { DateField } from "../ui/date-field";
import { SelectField } from "../ui/select-field";
import { useWords } from "../words/provider";
import { type EndChange, LATER } from "./ends";

interface Props {
  /** Undefined: the end stays as it is. */
  value: EndChange | undefined;
  onChange: (value: EndChange | undefined) => void;
  /** Whether "Do not change" is a choice. */
  maySame?: boolean;
  /** Whether there is an end that can be moved. */
  mayMove?: boolean;
  error?: string | undefined;
}

type Key = "same" | "none" | "date" | `later-${number}`;

/** When access ends: never, at the end of a day, or some months later than now. */
export function EndField({ value, onChange, maySame = false, mayMove = false, error }: Props) {
  const { ends } = useWords();
  // The day stays while the user looks at the other choices.
  const [day, setDay] = useState(value?.to === "date" ? value.day : "");
  const options: (readonly [Key, string])[] = [
    ...(maySame ? [["same", ends.same] as const] : []),
    ["none", ends.none],
    ["date", ends.date],
    ...(mayMove ? LATER.map((months) => [`later-${months}` as const, ends.later(months)] as const) : []),
  ];
  const choose = (key: Key) => {
    if (key === "same") return onChange(undefined);
    if (key === "none") return onChange({ to: "none" });
    if (key === "date") return onChange({ to: "date", day });
    return onChange({ to: "later", months: Number(key.slice("later-".length)) });
  };
  return (
    <div className="fields">
      <SelectField label={ends.label} value={keyOf(value)} options={options} onChange={choose} />
      {value?.to === "date" && (
        <DateField
          label={ends.day}
          value={value.day}
          error={error}
          onChange={(chosen) => {
            setDay(chosen);
            onChange({ to: "date", day: chosen });
          }}
        />
      )}
    </div>
  );
}

function keyOf(value: EndChange | undefined): Key {
  if (!value) return "same";
  return value.to === "later" ? `later-${value.months}` : value.to;
}

/** What is wrong with a chosen end, as a key of the words. */
export function endFault(value: EndChange | undefined, now = Date.now()): "missing" | "past" | undefined {
  if (value?.to !== "date") return undefined;
  if (!value.day) return "missing";
  return new Date(`${value.day}T23:59:59`).getTime() < now ? "past" : undefined;
}
