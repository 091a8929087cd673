import type { ReactNode } from "react";

interface Props {
  label: string;
  columns: readonly string[];
  /** Whether it scrolls by itself, rather than with the page, once it is long. */
  tall?: boolean;
  /** The rows. */
  children: ReactNode;
}

/** A small table, which scrolls sideways where there is no room; by the keyboard too. */
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
