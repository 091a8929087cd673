/** A client of the API of Coulisses, with the types of its contract (`infra/openapi.yaml`). */
export {
  type Client,
  createClient,
  data,
  effects,
  entityTag,
  ifMatch,
  type Options,
  versionOf,
} from "./client.ts";
export { Keys } from "./keys.ts";
export { items, pages } from "./pages.ts";
export { asProblem, type OwnCode, outcome, Problem, type ProblemBody, problemOf } from "./problem.ts";
export type { components, operations, paths } from "./schema.ts";
