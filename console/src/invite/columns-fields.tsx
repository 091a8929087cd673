import type { GivenRole } from "../api/client";
import { useRoleWords } from "../api/roles";
import { SelectField } from "../ui/select-field";
import { folded } from "../words/folded";
import { type Chosen, type Column, USES, type Use } from "./columns";
import { useInviteWords } from "./words";

interface Props {
  columns: readonly Column[];
  /** The line of the headings, if there are any. */
  heading: number | undefined;
  onChoose: (change: (before: Chosen) => Chosen) => void;
}

/** What each column was taken for, to be checked and changed. */
export function ColumnsFields({ columns, heading, onChoose }: Props) {
  const invite = useInviteWords();
  const labels = new Map(
    columns.map(({ key, heading, sample }, at) => [
      key,
      heading || invite.column(at + 1, sample.slice(0, 24)),
    ]),
  );
  const field = ({ key, use }: Column) => (
    <SelectField
      key={key}
      label={labels.get(key) ?? ""}
      value={use ?? ""}
      options={[
        ...(use ? [] : [["", invite.toChoose] as const]),
        ...USES.map((each) => [each, invite.uses[each]] as const),
      ]}
      onChange={(chosen) => chosen && onChoose((before) => withUse(before, key, chosen))}
    />
  );
  const ignored = columns.filter(({ use }) => use === "ignored");
  return (
    <fieldset className="columns">
      <legend>{invite.columns}</legend>
      <p className="hint">{invite.columnsHelp(heading)}</p>
      <div className="fields">{columns.filter(({ use }) => use !== "ignored").map(field)}</div>
      {ignored.length > 0 && (
        <details>
          <summary>{invite.ignoredColumns(ignored.map(({ key }) => labels.get(key)).join(", "))}</summary>
          <div className="fields">{ignored.map(field)}</div>
        </details>
      )}
      {columns.some(({ use }) => !use) && (
        <p className="note" role="status">
          {invite.chooseColumns}
        </p>
      )}
    </fieldset>
  );
}

/** The choices with one more. Each use belongs to one column. */
function withUse(before: Chosen, key: string, use: Use): Chosen {
  const others = [...before].filter(([other, its]) => other !== key && (its !== use || use === "ignored"));
  return new Map([...others, [key, use]]);
}

interface MeaningsProps {
  words: readonly string[];
  roles: readonly GivenRole[];
  meanings: ReadonlyMap<string, GivenRole>;
  onChoose: (change: (before: ReadonlyMap<string, GivenRole>) => ReadonlyMap<string, GivenRole>) => void;
}

/** Asks which role each unknown word of the list means. */
export function MeaningsFields({ words: unknown, roles, meanings, onChoose }: MeaningsProps) {
  const invite = useInviteWords();
  const { roleName } = useRoleWords();
  return (
    <div className="fields">
      {unknown.map((word) => (
        <SelectField
          key={folded(word)}
          label={invite.meaning(word)}
          value={meanings.get(folded(word)) ?? ""}
          options={[["", invite.toChoose], ...roles.map((role) => [role, roleName(role)] as const)]}
          onChange={(role) => role && onChoose((before) => new Map(before).set(folded(word), role))}
        />
      ))}
    </div>
  );
}
