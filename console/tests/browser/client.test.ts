import { readFileSync } from "node:fs";
import { createClient, data, Problem, pages } from "@coulisses/client";
import { expect, inject, test } from "vitest";
import { team } from "../../../clients/typescript/example";

const base = inject("base");

async function token(email: string): Promise<string> {
  const body = JSON.stringify({ email });
  const headers = { "content-type": "application/json" };
  const response = await fetch(`${base}/_local/tokens`, { method: "POST", headers, body });
  return (await response.json()).accessToken;
}

test("the example in the README of the TypeScript client does what it says", async () => {
  const readme = readFileSync("../clients/typescript/README.md", "utf8");
  const example = readFileSync("../clients/typescript/example.ts", "utf8");
  expect(readme).toContain(`\`\`\`ts\n${example}\`\`\``);
  const owner = await token("sophie.bernard@example.com");
  const emails = ["example.one@example.org", "example.two@example.org"];
  const seen = await team(base, owner, "acme:tech", emails);
  expect(seen).toEqual(expect.arrayContaining(emails.map((email) => `${email} pending`)));
  const api = createClient({ baseUrl: base, token: () => owner });
  const query = { q: "example.one@example.org" };
  const params = { path: { scope: "acme:tech" }, query };
  const { collaborators } = await data(api.GET("/v1/scopes/{scope}/collaborators", { params }));
  expect(collaborators.map(({ role }) => role)).toEqual(["administrator"]);
});

test("a token that is refused is renewed once, and a refusal is a problem with its code", async () => {
  const owner = await token("sophie.bernard@example.com");
  const asked: boolean[] = [];
  const renewing = (renewed: string | undefined) =>
    createClient({
      baseUrl: base,
      token: (renew) => {
        asked.push(renew);
        return renew ? renewed : "refused";
      },
      language: () => "fr",
    });
  const params = { path: { scope: "acme" } };
  const scope = await data(renewing(owner).GET("/v1/scopes/{scope}", { params }));
  expect(scope.seats?.used).toBeGreaterThan(0);
  expect(asked).toEqual([false, true]);
  const problem = (call: Promise<unknown>) =>
    call.then(
      () => expect.fail("a success"),
      (error) => error as Problem,
    );
  expect((await problem(renewing(undefined).GET("/v1/scopes/{scope}", { params }))).code).toBe("signed-out");
  const hidden = await problem(
    renewing(owner).GET("/v1/scopes/{scope}", { params: { path: { scope: "nothing" } } }),
  );
  expect(hidden).toBeInstanceOf(Problem);
  expect(hidden).toMatchObject({
    code: "scope-not-found",
    body: { title: "Introuvable" },
    isTemporary: false,
  });
  expect(hidden.body?.type).toBe("/problems#scope-not-found");
});

test("pages follow one another until the last", async () => {
  const api = createClient({ baseUrl: base, token: () => token("sophie.bernard@example.com") });
  const sizes: number[] = [];
  const read = (at: { cursor?: string }) =>
    data(
      api.GET("/v1/scopes/{scope}/history", {
        params: { path: { scope: "acme" }, query: { limit: 2, ...at } },
      }),
    );
  for await (const page of pages(read)) {
    sizes.push(page.entries.length);
    if (sizes.length === 3) break;
  }
  expect(sizes).toEqual([2, 2, 2]);
});
