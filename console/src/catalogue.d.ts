// Made from the catalogue by `catalogue.ts`. Keys are in display order.

declare module "virtual:catalogue" {
  /** The actions: the columns of a table of rights. */
  export const actions: readonly string[];
  /** The actions on each entity. */
  export const entities: Readonly<Record<string, readonly string[]>>;
  /** The levels at which each role can be given. */
  export const levels: Readonly<Record<string, readonly string[]>>;
}

declare module "virtual:catalogue/fr" {
  export const roles: Record<string, string>;
  export const roleHelp: Record<string, string>;
  export const entities: Record<string, string>;
  export const actions: Record<string, string>;
}

declare module "virtual:catalogue/en" {
  export * from "virtual:catalogue/fr";
}
