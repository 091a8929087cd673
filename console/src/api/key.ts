import { Keys } from "@coulisses/client";
import { useState } from "react";

export type { Keys };

/** The keys of a form while it is open. */
export function useKeys(): Keys {
  return useState(() => new Keys())[0];
}
