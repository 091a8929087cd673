import { type KeyboardEvent, type ReactNode, useId, useRef, useState } from "react";
import { Menu, MenuItem, Popover, Separator } from "react-aria-components";
import { Icon, type IconName } from "./icon";
import { useTopLayer } from "./top-layer";

/** An entry of a menu, or a line between two. */
export type Entry = Item | "line";

interface Item {
  id: string;
  label: string;
  help?: string | undefined;
  icon?: IconName;
  danger?: boolean;
  disabled?: boolean;
  /** An address outside the console. Other entries run `onAction`. */
  href?: string;
  onAction?: () => void;
}

interface Props {
  /** What the button shows. */
  children: ReactNode;
  /** The name of the button, if its content is not enough. */
  label?: string | undefined;
  className?: string;
  entries?: readonly Entry[];
  /** A hook that reads the entries when the menu opens, in place of `entries`. */
  useEntries?: () => readonly Entry[];
  /** The chosen entry: makes the menu a choice of one. */
  selected?: string | undefined;
  disabled?: boolean;
}

/**
 * A button that opens a menu. The button is the browser's own, and the menu exists while it is open: a long list has
 * three of them in each row.
 */
export function MenuButton({
  children,
  label,
  className = "plain",
  entries,
  useEntries,
  selected,
  disabled = false,
}: Props) {
  const [isOpen, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const id = useId();
  const topLayer = useTopLayer();
  const open = (event: KeyboardEvent) => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    event.preventDefault();
    setOpen(true);
  };
  return (
    <>
      <button
        ref={button}
        id={id}
        type="button"
        className={className}
        disabled={disabled}
        aria-haspopup="menu"
        aria-expanded={isOpen}
        aria-label={label}
        onClick={() => setOpen(true)}
        onKeyDown={open}
      >
        {children}
      </button>
      {isOpen && (
        <Popover
          {...topLayer}
          trigger="MenuTrigger"
          aria-labelledby={id}
          triggerRef={button}
          isOpen
          onOpenChange={setOpen}
          className="popover"
        >
          <Entries
            id={id}
            useEntries={useEntries ?? (() => entries ?? [])}
            selected={selected}
            onClose={() => setOpen(false)}
          />
        </Popover>
      )}
    </>
  );
}

interface EntriesProps extends Pick<Props, "selected"> {
  useEntries: () => readonly Entry[];
  /** The id of the button, whose name the menu has too. */
  id: string;
  onClose: () => void;
}

function Entries({ id, useEntries, selected, onClose }: EntriesProps) {
  const entries = useEntries();
  const isChoice = selected !== undefined;
  const choice = isChoice ? { selectionMode: "single" as const, selectedKeys: [selected] } : {};
  return (
    <Menu className="menu" autoFocus={isChoice || "first"} aria-labelledby={id} onClose={onClose} {...choice}>
      {entries.map((entry, index) => {
        // biome-ignore lint/suspicious/noArrayIndexKey: lines have no identity
        if (entry === "line") return <Separator key={`line ${index}`} className="separator" />;
        const { id, label, help, icon, danger, disabled, href, onAction } = entry;
        return (
          <MenuItem
            key={id}
            id={id}
            textValue={label}
            className={danger ? "menu-item danger" : "menu-item"}
            isDisabled={disabled ?? false}
            {...(href ? { href } : {})}
            {...(onAction ? { onAction } : {})}
          >
            {isChoice && (
              <span className="mark">
                <Icon of="check" />
              </span>
            )}
            {icon && <Icon of={icon} />}
            <span>
              {label}
              {help && <span className="hint">{help}</span>}
            </span>
          </MenuItem>
        );
      })}
    </Menu>
  );
}
