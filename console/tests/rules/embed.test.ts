import { expect, test } from "vitest";
import { claimsOf } from "../../src/embed/claims";
import { scoped } from "../../src/embed/scoped";

test("in a shadow root, sizes, the root and the width are those of the element", () => {
  const text =
    ":root{--gap:.5rem}.row{height:4rem;margin:-1.5rem}@media (width<64rem){.row{height:5.143rem}}@media print{a{b:c}}";
  expect(scoped(text)).toBe(
    ":host{--gap:calc(.5 * var(--rem))}.row{height:calc(4 * var(--rem));margin:calc(-1.5 * var(--rem))}" +
      "@container coulisses (width<64rem){.row{height:calc(5.143 * var(--rem))}}@media print{a{b:c}}",
  );
});

test("a token that is no JWT names no one, and breaks nothing", () => {
  const payload = btoa(JSON.stringify({ email: "lea@example.org", name: "Lea" })).replaceAll("=", "");
  expect(claimsOf(`x.${payload}.y`)).toEqual({ email: "lea@example.org", name: "Lea" });
  for (const token of ["", "opaque", "a.b.c", "a.e30.c"]) expect(claimsOf(token).email).toBe("");
});
