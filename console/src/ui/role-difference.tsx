import type { HistoryEntry } from "../api/client";
import { inOrder } from "../api/permissions";
import type { Words } from "../words/fr";
import { useLanguage } from "../words/provider";
import { rightText } from "../words/rights";
import { Icon } from "./icon";

type RoleChange = NonNullable<HistoryEntry["role"]>;
type RoleState = Omit<NonNullable<RoleChange["after"]>, "description">;

interface Props {
  role: { before: RoleState | null; after: RoleState | null };
}

/** What changed in a role: its name, its permissions and its levels, those that were added before those that were taken. */
export function RoleDifference({ role: { before, after } }: Props) {
  const { words, locale } = useLanguage();
  const names = before && after && [before.name[locale], after.name[locale]];
  const difference = differenceOf(before, after, words);
  return (
    <>
      {names && names[0] !== names[1] && (
        <div className="change">
          <span className="chip">
            <bdi>{names[0]}</bdi>
          </span>
          <Icon of="next" />
          <span className="sr">{words.history.became}</span>
          <span className="chip">
            <bdi>{names[1]}</bdi>
          </span>
        </div>
      )}
      {difference && <div className="change">{difference}</div>}
    </>
  );
}

/** "+ scanner (Accueil), − exporter (Contacts)". A role that is deleted loses nothing: the sentence says it all. */
export function differenceOf(before: RoleState | null, after: RoleState | null, words: Words): string {
  if (!after) return "";
  const list = (state: RoleState | null) => [
    ...inOrder(state?.permissions ?? []).map((each) => rightText(each, words)),
    ...(state?.levels ?? []).map((level) => words.levels[level].toLowerCase()),
  ];
  const [old, now] = [list(before), list(after)];
  const added = now.filter((each) => !old.includes(each)).map((each) => `+ ${each}`);
  const taken = old.filter((each) => !now.includes(each)).map((each) => `− ${each}`);
  return [...added, ...taken].join(", ");
}
