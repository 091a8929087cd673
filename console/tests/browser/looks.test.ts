import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { client, invite, linkTo, logIn, type Person, someone } from "./platform";
import { expectAccessible, expectNoErrors, picture, visit, visitAs, withBrowser } from "./visit";

withBrowser();

/** A client with a collaborator in each state. */
async function scene(): Promise<{ id: string; owner: Person; pending: Person }> {
  const owner = someone("Claire Martin");
  const pending = someone("Thomas Petit");
  const id = await client("Salon", owner, { seatLimit: 12 });
  const active = someone("Marc Leroy");
  await invite(`${id}:tech`, owner, active, "administrator");
  await invite(`${id}:tech:summit`, owner, active, "custom", {
    permissions: ["orders:view", "reports:export"],
  });
  await logIn(id, active);
  const ends = new Date(Date.now() + 21 * 86_400_000).toISOString();
  await invite(`${id}:tech:summit`, owner, someone("Victor Noël"), "contributor", { expiresAt: ends });
  await invite(`${id}:tech:summit`, owner, pending, "reader");
  await invite(`${id}:tech:summit`, owner, ["bounce@simulator.example", "Adresse Fausse"], "reader");
  return { id, owner, pending };
}

/** Each screen of a user with all rights, and how to open it. */
function screens(id: string): [name: string, open: (page: Page) => Promise<void>][] {
  const event = `/scopes/${id}:tech:summit`;
  const grid = async (page: Page) => {
    await page.goto(event);
    await page.getByRole("row", { name: /Thomas Petit/ }).waitFor();
  };
  const dialog = (open: RegExp) => async (page: Page) => {
    await grid(page);
    await page.getByRole("button", { name: open }).first().click();
    await page.getByRole("dialog").waitFor();
  };
  const heading = (path: string) => async (page: Page) => {
    await page.goto(path);
    await page.getByRole("heading", { level: 1 }).waitFor();
    await page.locator("[aria-busy]").first().waitFor({ state: "detached" });
  };
  return [
    ["home", heading("/")],
    ["grid", grid],
    ["invite", dialog(/^(Inviter|Invite)$/)],
    [
      "invite-many",
      async (page) => {
        await dialog(/^(Inviter|Invite)$/)(page);
        await page.getByLabel(/Plusieurs personnes|Several people/).check();
        await page
          .getByLabel(/Une personne par ligne|One person per line/)
          .fill("lea@example.org;Léa\nnobody");
      },
    ],
    [
      "role",
      async (page) => {
        await dialog(/(Modifier l’accès de|Change access for) Victor/)(page);
        await page.getByRole("radio", { name: /Personnalisé|Custom/ }).check();
      },
    ],
    [
      "revoke",
      async (page) => {
        await grid(page);
        await page.getByRole("checkbox", { name: /Marc Leroy/ }).check();
        await page.getByRole("button", { name: /^(Retirer l’accès|Remove access)$/ }).click();
        await page.getByRole("dialog").getByRole("table").waitFor();
      },
    ],
    [
      "person",
      async (page) => {
        await grid(page);
        await page.getByRole("link", { name: "Marc Leroy" }).click();
        await page.locator(".rights").waitFor();
        await page.locator(".history").waitFor();
      },
    ],
    ["history", heading(`${event}/history`)],
    ["seats", heading(`/scopes/${id}/seats`)],
    ["announcements", heading(`${event}/announcements`)],
    ["owner", heading(`/scopes/${id}/owner`)],
    ["nowhere", heading("/nowhere")],
  ];
}

test.each(["fr-FR", "en-GB"] as const)(
  "every screen is accessible in %s, in light and in dark",
  async (locale) => {
    const { id, owner, pending } = await scene();
    const link = await linkTo(pending[0]);
    for (const colorScheme of ["light", "dark"] as const) {
      const page = await visitAs(locale, owner, "/", { colorScheme });
      for (const [name, open] of screens(id)) {
        await open(page);
        await expectAccessible(page);
        await picture(page, `${name}-${locale.slice(0, 2)}-${colorScheme}`);
      }
      await page.context().close();
      const guest = await visit(locale, { colorScheme });
      for (const path of ["/", "/signed-out", "/invitation", link, "/invitation#dead"]) {
        await guest.goto("/_local/inbox");
        await guest.goto(path);
        await guest.getByRole("heading", { level: 1 }).waitFor();
        await expectAccessible(guest);
      }
      await guest.context().close();
    }
    expectNoErrors();
  },
);

test.each([
  ["360 pixels", { width: 360, height: 740 }],
  ["1280 pixels at 200 %", { width: 640, height: 400 }],
])("nothing is cut off at %s", async (_, viewport) => {
  const { id, owner } = await scene();
  const page = await visitAs("fr-FR", owner, "/", { viewport });
  for (const [name, open] of screens(id)) {
    await open(page);
    const cut = await page.evaluate(() => {
      const parts = [document.documentElement, ...document.querySelectorAll("dialog, .grid, .card, .note")];
      return parts
        .filter((part) => part.scrollWidth > part.clientWidth + 1)
        .map((part) => part.outerHTML.slice(0, 80));
    });
    expect(cut, name).toEqual([]);
    await expectAccessible(page);
    await picture(page, `${name}-${viewport.width}`);
  }
  expectNoErrors();
});

test("inviting, changing a role and removing access work with the keyboard alone", async () => {
  const owner = someone("Claire");
  const lea = someone("Lea");
  const id = await client("Keys", owner);
  const page = await visitAs("en-GB", owner, `/scopes/${id}`);
  const focused = () =>
    page.evaluate(() => document.activeElement?.textContent || document.activeElement?.ariaLabel);
  /** Presses Tab until the focused element has this name. */
  const tabTo = async (name: RegExp) => {
    for (let step = 0; step < 60; step += 1) {
      await page.keyboard.press("Tab");
      if (name.test((await focused()) ?? "")) return;
    }
    expect.unreachable(`Tab did not reach ${name}`);
  };
  await page.getByRole("row", { name: /Claire/ }).waitFor();
  await tabTo(/^Skip to content$/);
  await page.keyboard.press("Enter");
  await tabTo(/^ ?Invite$/);
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").waitFor();
  await page.getByLabel("E-mail address").focus();
  await page.keyboard.type(lea[0]);
  await page.keyboard.press("Tab");
  await page.keyboard.type(lea[1]);
  await page.keyboard.press("Enter");
  const row = page.getByRole("table", { name: /^Who has access/ }).getByRole("row", { name: /Lea/ });
  await row.waitFor();
  // The focus is back on the button that opened the dialog.
  expect((await focused())?.trim()).toBe("Invite");
  await tabTo(/^Change access for Lea$/);
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").waitFor();
  await page.getByRole("dialog").getByRole("radio", { checked: true }).focus();
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Enter");
  await page.getByText("Access for Lea has been saved.").waitFor();
  await row.getByRole("checkbox").focus();
  await page.keyboard.press("Space");
  await page.getByRole("button", { name: "Remove access" }).focus();
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").getByRole("table").waitFor();
  // Escape changes nothing.
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Remove access" }).focus();
  await page.keyboard.press("Enter");
  await tabTo(/^Remove access for 1 person$/);
  await page.keyboard.press("Enter");
  await row.waitFor({ state: "detached" });
  expectNoErrors();
});
