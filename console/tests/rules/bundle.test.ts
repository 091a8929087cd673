import { readdirSync, readFileSync, statSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";

/** The maximum size of the whole page, in gzipped bytes. */
const LIMIT = 150_000;

const files = readdirSync("dist", { recursive: true, encoding: "utf8" })
  .map((name) => `dist/${name}`)
  .filter((path) => statSync(path).isFile());

test("the whole page is 150 KB gzipped or less", () => {
  const weights = files.map((path) => gzipSync(readFileSync(path)).length);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  expect(total).toBeGreaterThan(0);
  expect(total).toBeLessThanOrEqual(LIMIT);
});

test("the page has no inline scripts or styles, and loads nothing from another host", () => {
  const page = readFileSync("dist/index.html", "utf8");
  expect(page).not.toMatch(/<script(?![^>]*\ssrc=)/);
  expect(page).not.toMatch(/<style|\sstyle=|\son[a-z]+=/);
  expect(page).not.toMatch(/(src|href)="(https?:)?\/\//);
});
