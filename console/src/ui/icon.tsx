const PATHS = {
  pencil: "M4 20h4L19 9l-4-4L4 16v4zM13 7l4 4",
  plane: "M3 11 21 3l-8 18-2.5-7.5L3 11zM10.500 13.500 21 3",
  bin: "M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v6M14 11v6",
  info: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 11v6M12 7.500v.5",
  plus: "M12 5v14M5 12h14",
  up: "M6 15l6-6 6 6",
  down: "M6 9l6 6 6-6",
  cross: "M6 6l12 12M18 6L6 18",
} as const;

/** A decorative icon, hidden from screen readers. */
export function Icon({ of }: { of: keyof typeof PATHS }) {
  return (
    <svg className="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[of]} />
    </svg>
  );
}
