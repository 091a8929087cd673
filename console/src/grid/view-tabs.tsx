import type { ReactNode } from "react";
import { Icon } from "../ui/icon";
import { MenuButton } from "../ui/menu";
import { useWords } from "../words/provider";
import type { View } from "./views";

/** The views that are always at hand; the others are in a menu. */
const FIRST: readonly View[] = ["all", "active", "pending", "undeliverable", "ending"];
const EXCEPTIONS: readonly View[] = ["undeliverable", "ending"];
const OTHERS: readonly View[] = ["dormant", "suspended", "expired", "declined", "waiting"];

interface Props {
  view: View;
  /** How many people each view has, if known. */
  counts: ReadonlyMap<View, number> | undefined;
  onView: (view: View | null) => void;
  /** What can be done with the people of the view. */
  children: ReactNode;
}

/** The states of a team, with how many people are in each. */
export function ViewTabs({ view, counts, onView, children }: Props) {
  const { views } = useWords();
  const label = (each: View) => {
    const count = counts?.get(each);
    return count === undefined ? views[each] : `${views[each]} ${count}`;
  };
  // A state that needs attention is shown only if people are in it.
  const isShown = (each: View) =>
    each === view || !EXCEPTIONS.includes(each) || counts === undefined || counts.get(each) !== 0;
  const choose = (each: View) => () => onView(each === "all" ? null : each);
  return (
    <div className="views" role="group" aria-label={views.label}>
      {FIRST.filter(isShown).map((each) => (
        <button
          key={each}
          type="button"
          className="quiet"
          aria-pressed={view === each}
          onClick={choose(each)}
        >
          {label(each)}
        </button>
      ))}
      <MenuButton
        className={OTHERS.includes(view) ? "quiet chosen" : "quiet"}
        selected={view}
        entries={OTHERS.map((each) => ({ id: each, label: label(each), onAction: choose(each) }))}
      >
        {OTHERS.includes(view) ? label(view) : views.others} <Icon of="open" />
      </MenuButton>
      {children}
    </div>
  );
}
