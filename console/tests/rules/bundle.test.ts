import { readdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";

/** The maximum size of what the first page loads, in gzipped bytes; the browser tests measure the pages themselves. */
const LIMIT = 90_000;

const gzipped = (path: string) => gzipSync(readFileSync(path)).length;

test("the files that every visitor loads are 90 KB gzipped or less with the texts of one language", () => {
  const page = readFileSync("dist/index.html", "utf8");
  const first = [...page.matchAll(/(?:src|href)="\/(assets\/[^"]+)"/g)].map(([, path]) => `dist/${path}`);
  expect(first.length).toBeGreaterThanOrEqual(2);
  const words = readdirSync("dist/assets").filter((name) => /^(fr|en)-.*\.js$/.test(name));
  const longest = Math.max(...words.map((name) => gzipped(`dist/assets/${name}`)));
  const total = ["dist/index.html", ...first].reduce((sum, path) => sum + gzipped(path), longest);
  expect(total).toBeLessThanOrEqual(LIMIT);
});

test("the page has no inline scripts or styles, and loads nothing from another host", () => {
  const page = readFileSync("dist/index.html", "utf8");
  expect(page).not.toMatch(/<script(?![^>]*\ssrc=)/);
  expect(page).not.toMatch(/<style|\sstyle=|\son[a-z]+=/);
  expect(page).not.toMatch(/(src|href)="(https?:)?\/\//);
});
