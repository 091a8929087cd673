import { expect, test } from "vitest";
import { expectNoErrors, picture, visit, withBrowser } from "./visit";

withBrowser();

test("the demonstration data fills the grid", async () => {
  const page = await visit("fr-FR", { viewport: { width: 1280, height: 900 } });
  await page.goto("/");
  await page.getByRole("button", { name: "Se connecter" }).click();
  // The local issuer lists the users of the demonstration data with their roles.
  await page.getByRole("button", { name: /Sophie Bernard.*propriétaire – Acme/ }).click();
  await page.getByRole("main").getByRole("link", { name: "Sommet Tech 2027" }).click();
  const row = (name: string) => page.getByRole("row", { name: new RegExp(name) });
  await row("Nadia Cohen").getByText("Invitation en attente").waitFor();
  // Her access expires 8 seconds after the demonstration data is written.
  const expired = async () => {
    await page.reload();
    await row("Nadia Cohen").waitFor();
    return row("Alice Meyer").locator("[data-status=expired]").count();
  };
  await expect.poll(expired, { timeout: 15_000, interval: 1_000 }).toBe(1);
  await row("Léa Dubois").getByText("via Technologie").waitFor();
  await row("Karim Benali").getByText("via Acme").waitFor();
  await row("Sophie Bernard").getByText("Vous", { exact: true }).waitFor();
  expect(await row("Marc Leroy").locator("[data-overridden=true]").count()).toBe(1);
  await picture(page, "demonstration");
  expectNoErrors();
});
