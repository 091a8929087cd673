import type { ReactNode } from "react";

interface Props {
  label: string;
  columns: readonly string[];
  /** Whether a long table scrolls by itself rather than with the page. */
  tall?: boolean;
  /** The rows. */
  children: ReactNode;
}

/** A small table that scrolls sideways if there is no room, also with the keyboard. */
export function Table({ label, columns, tall = false, children }: Props) {
  return (
    <div className={tall ? "scroll tall" : "scroll"} tabIndex={0} role="region" aria-label={label}>
      <table>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}
