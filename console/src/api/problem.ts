export { asProblem, outcome, Problem } from "@coulisses/client";
