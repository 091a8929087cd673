import { Icon } from "./icon";

/** From this number of items on, a list has a search. */
export const SEARCHED = 8;

interface Props {
  label: string;
  value: string;
  onChange: (value: string) => void;
}

export function SearchBox({ label, value, onChange }: Props) {
  return (
    <div className="search">
      <Icon of="search" />
      <input
        type="search"
        aria-label={label}
        placeholder={label}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    </div>
  );
}
