import type { ReactNode } from "react";
import { Icon, type IconName } from "./icon";

interface EmptyProps {
  icon: IconName;
  /** What is not there. */
  title: string;
  /** The next step. */
  children?: ReactNode;
}

/** The place of a list that is empty, with the next step. */
export function Empty({ icon, title, children }: EmptyProps) {
  return (
    <div className="empty">
      <Icon of={icon} />
      <p>{title}</p>
      {children}
    </div>
  );
}
