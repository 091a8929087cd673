import { defaultClientConditions, type UserConfig } from "vite";

/**
 * Resolves `@coulisses/client` to its sources, so that it needs no build of its own; what it imports is then found among
 * the modules of the console.
 */
export const client: NonNullable<UserConfig["resolve"]> = {
  conditions: ["coulisses-source", ...defaultClientConditions],
  preserveSymlinks: true,
};
