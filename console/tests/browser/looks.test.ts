import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import {
  client,
  invite,
  linkTo,
  logIn,
  NORA,
  type Person,
  send,
  someone,
  tokenOf,
  unreachable,
} from "./platform";
import { expectAccessible, expectNoErrors, picture, visit, visitAs, withBrowser } from "./visit";

withBrowser();

/** A client with a collaborator in each state. */
async function scene(): Promise<{ id: string; owner: Person; pending: Person }> {
  const owner = someone("Claire Martin");
  const pending = someone("Thomas Petit");
  const id = await client("Salon", owner, { seatLimit: 5 });
  const desk = {
    name: { fr: "Accueil", en: "Front desk" },
    description: { fr: "Accueille les participants.", en: "Welcomes attendees." },
    permissions: ["contacts:view", "checkin:scan"],
    levels: ["event"],
  };
  const token = await tokenOf(owner);
  await send("PUT", `/v1/scopes/${id}/roles/accueil`, token, desk, { "if-none-match": "*" });
  const active = someone("Marc Leroy");
  await invite(`${id}:tech`, owner, active, "administrator");
  await invite(`${id}:tech:summit`, owner, active, "custom", {
    permissions: ["orders:view", "reports:export"],
  });
  await logIn(id, active);
  const ends = new Date(Date.now() + 21 * 86_400_000).toISOString();
  await invite(`${id}:tech:summit`, owner, someone("Victor Noël"), "contributor", { expiresAt: ends });
  await invite(`${id}:tech:summit`, owner, pending, "accueil");
  await invite(`${id}:tech:summit`, owner, unreachable("Adresse Fausse"), "reader");
  for (const name of ["Zoé Petit", "Maximilien de La Fontaine-Rochefoucauld"])
    await invite(`${id}:tech:summit`, owner, someone(name), "reader", { ifFull: "wait" });
  return { id, owner, pending };
}

/** Each screen of a user with all rights, and how to open it. */
function screens(id: string): [name: string, open: (page: Page) => Promise<void>][] {
  const event = `/scopes/${id}:tech:summit`;
  const grid = async (page: Page) => {
    await page.goto(event);
    await page.getByRole("row", { name: /Thomas Petit/ }).waitFor();
  };
  const dialog = (open: RegExp, item?: RegExp) => async (page: Page) => {
    await grid(page);
    await page.getByRole("button", { name: open }).first().click();
    if (item) await page.getByRole("menuitem", { name: item }).click();
    await page.getByRole("dialog").waitFor();
  };
  const heading = (path: string) => async (page: Page) => {
    await page.goto(path);
    await page.getByRole("heading", { level: 1 }).waitFor();
    await page.locator("[aria-busy]").first().waitFor({ state: "detached" });
  };
  const actions = /^(Actions pour|Actions for) Thomas/;
  return [
    ["home", heading("/")],
    ["grid", grid],
    [
      "bulk",
      async (page) => {
        await grid(page);
        await page.getByRole("checkbox", { name: /Marc Leroy/ }).check();
        await page.getByRole("toolbar").waitFor();
      },
    ],
    [
      "menu",
      async (page) => {
        await grid(page);
        await page.getByRole("button", { name: actions }).click();
        await page.getByRole("menu").waitFor();
      },
    ],
    ["invite", dialog(/^(Inviter|Invite)$/)],
    [
      "invite-many",
      async (page) => {
        await dialog(/^(Inviter|Invite)$/)(page);
        await page
          .getByLabel(/^(Adresses e-mail|E-mail addresses)/)
          .fill("lea@example.org;Léa\nnobody;Max\n");
        await page.getByRole("dialog").getByRole("table").waitFor();
      },
    ],
    [
      "role",
      async (page) => {
        await grid(page);
        await page.getByRole("button", { name: /^(Rôle de|Role of) Victor/ }).click();
        await page.getByRole("menuitemradio", { name: /^(Personnalisé|Custom)/ }).click();
        await page.getByRole("dialog").locator(".rights").waitFor();
      },
    ],
    [
      "date",
      async (page) => {
        await grid(page);
        await page.getByRole("button", { name: /^(Actions pour|Actions for) Victor/ }).click();
        await page.getByRole("menuitem", { name: /^(Modifier|Change)/ }).click();
        await page.getByRole("button", { name: /^(Calendrier|Calendar)/ }).click();
        await page.getByRole("grid").waitFor();
      },
    ],
    ["give", dialog(actions, /^(Donner accès|Give access)/)],
    ["address", dialog(actions, /^(Corriger|Correct)/)],
    ["suspend", dialog(actions, /^(Suspendre|Suspend)/)],
    [
      "revoke",
      async (page) => {
        await dialog(/^(Actions pour|Actions for) Victor/, /^(Retirer de l’équipe|Remove access)/)(page);
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
    [
      "matrix",
      async (page) => {
        await page.goto(`/scopes/${id}/matrix`);
        await page.getByRole("row", { name: /Thomas Petit/ }).waitFor();
      },
    ],
    ["event", heading(`${event}/event`)],
    [
      "history",
      async (page) => {
        await page.goto(`${event}/history`);
        await page.locator(".history li").first().waitFor();
      },
    ],
    [
      "seats",
      async (page) => {
        await page.goto(`/scopes/${id}/seats`);
        await page.locator(".waiting-list li").first().waitFor();
      },
    ],
    [
      "roles",
      async (page) => {
        await page.goto(`/scopes/${id}/roles`);
        await page.getByRole("heading", { level: 3, name: /^(Accueil|Front desk)/ }).waitFor();
        await page.getByRole("link", { name: /^1 / }).waitFor();
      },
    ],
    [
      "role-new",
      async (page) => {
        await page.goto(`/scopes/${id}/roles`);
        await page.getByRole("button", { name: /^ ?(Créer un rôle|Create a role)/ }).click();
        const form = page.getByRole("dialog");
        await form.getByRole("button", { name: /^(Créer un rôle|Create a role)/ }).click();
        await form.getByRole("alert").first().waitFor();
      },
    ],
    [
      "role-edit",
      async (page) => {
        await page.goto(`/scopes/${id}/roles`);
        await page.getByRole("button", { name: /^(Modifier le rôle|Edit the role)/ }).click();
        await page.getByRole("checkbox", { name: /^(Rapports : voir|Reports: view)/ }).check();
        await page.getByRole("button", { name: /^(Continuer|Continue)/ }).click();
        await page.getByRole("dialog").locator(".role-effects").waitFor();
      },
    ],
    [
      "role-delete",
      async (page) => {
        await page.goto(`/scopes/${id}/roles`);
        await page.getByRole("button", { name: /^(Supprimer le rôle|Delete the role)/ }).click();
        const dialog = page.getByRole("dialog");
        await dialog.getByRole("button", { name: /(remplacement|Replacement role)/ }).click();
        await page.getByRole("option", { name: /^(Observateur|Observer)/ }).click();
        await dialog.locator(".role-effects").waitFor();
      },
    ],
    [
      "announcements",
      async (page) => {
        await heading(`${event}/announcements`)(page);
        await page.getByLabel(/^(Objet|Subject)/).fill("Montage");
        await page.getByLabel("Message", { exact: true }).fill("8 h, hall 2.");
        await page.getByRole("button", { name: /^(Prévisualiser|Preview)/ }).click();
        await page.getByRole("button", { name: /^(Envoyer à|Send to) / }).waitFor();
      },
    ],
    [
      "owner",
      async (page) => {
        await heading(`/scopes/${id}/owner`)(page);
        await page.getByRole("button", { name: /^(Choisir|Choose) Marc/ }).click();
        await page.getByRole("dialog").waitFor();
      },
    ],
    ["nowhere", heading("/nowhere")],
  ];
}

/** The screen of support: a person whom they found, with an answer. */
async function support(page: Page, email: string): Promise<void> {
  await page.getByLabel(/^(Adresse e-mail|E-mail address)/).fill(email);
  await page.getByRole("button", { name: /^(Rechercher|Search)$/ }).click();
  await page.getByRole("button", { name: /^(Vérifier|Check)$/ }).click();
  await page.getByText(/^(Non\.|No\.)/).waitFor();
  await page.getByRole("row").last().waitFor();
}

const WIDE = { width: 1280, height: 720 };
/** The narrowest first: a screen is opened there, so its controls must be within reach. */
const NARROW = [
  { width: 320, height: 640 },
  { width: 360, height: 740 },
  // 1280 pixels at 200 %.
  { width: 640, height: 400 },
];

/** Checks that nothing of the page is cut off. */
async function expectWhole(page: Page, name: string): Promise<void> {
  const cut = await page.evaluate(() => {
    const parts = [document.documentElement, ...document.querySelectorAll(".modal, .dialog, .grid, .note")];
    return parts
      .filter((part) => part.scrollWidth > part.clientWidth + 1)
      .map((part) => part.outerHTML.slice(0, 80));
  });
  expect(cut, name).toEqual([]);
}

// Each language and each scheme once: neither changes what the other does. French has the longer words.
test.each([
  ["fr-FR", "light", NARROW],
  ["en-GB", "dark", []],
] as const)(
  "every screen is accessible in %s and in %s, and nothing is cut off",
  async (locale, colorScheme, narrow) => {
    const { id, owner, pending } = await scene();
    const link = await linkTo(pending[0]);
    const looks = `${locale.slice(0, 2)}-${colorScheme}`;
    const options = { colorScheme, viewport: narrow[0] ?? WIDE };
    /** Checks the screen that is open in each size. */
    const look = async (page: Page, name: string) => {
      for (const viewport of [...narrow, WIDE]) {
        await page.setViewportSize(viewport);
        await expectWhole(page, `${name} at ${viewport.width}`);
        await expectAccessible(page);
        await picture(page, `${name}-${viewport === WIDE ? looks : viewport.width}`);
      }
      await page.setViewportSize(options.viewport);
    };
    const page = await visitAs(locale, owner, "/", options);
    for (const [name, open] of screens(id)) {
      await open(page);
      await look(page, name);
    }
    await page.context().close();
    const staff = await visitAs(locale, NORA, "/support", options);
    await support(staff, pending[0]);
    await look(staff, "support");
    await staff.context().close();
    const guest = await visit(locale, options);
    for (const [name, path] of [
      ["welcome", "/"],
      ["signed-out", "/signed-out"],
      ["problem", "/problems#stale-version"],
      ["invitation-none", "/invitation"],
      ["invitation", link],
      ["invitation-dead", "/invitation#dead"],
    ] as const) {
      await guest.goto("/_local/inbox");
      await guest.goto(path);
      await guest.getByRole("heading", { level: 1 }).waitFor();
      await look(guest, name);
    }
    await guest.context().close();
    expectNoErrors();
  },
);

test("inviting, changing a role and removing access work with the keyboard alone", async () => {
  const owner = someone("Claire");
  const lea = someone("Lea");
  const id = await client("Keys", owner);
  const page = await visitAs("en-GB", owner, `/scopes/${id}`);
  const focused = () =>
    page.evaluate(() => document.activeElement?.ariaLabel || document.activeElement?.textContent);
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
  // The first field has the focus.
  await page.keyboard.type(`Lea <${lea[0]}>`);
  await page.keyboard.press("Control+Enter");
  const row = page.getByRole("table", { name: /^Team/ }).getByRole("row", { name: /Lea/ });
  await row.waitFor();
  // The focus is back on the button that opened the dialog.
  await expect.poll(async () => (await focused())?.trim()).toBe("Invite");
  await tabTo(/^Role of Lea: /);
  await page.keyboard.press("Enter");
  await page.getByRole("menu").waitFor();
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Enter");
  await page.getByRole("dialog", { name: "Access for Lea" }).waitFor();
  await tabTo(/^Save$/);
  await page.keyboard.press("Enter");
  await page.getByText("Access for Lea is changed.").waitFor();
  await page.getByRole("button", { name: "Actions for Lea" }).focus();
  await page.keyboard.press("Enter");
  await page.getByRole("menu").waitFor();
  await page.keyboard.type("Rem");
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").getByRole("table").waitFor();
  // Escape changes nothing.
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await row.getByRole("checkbox").focus();
  await page.keyboard.press("Space");
  await page.getByRole("toolbar").getByRole("button", { name: "Remove access" }).focus();
  await page.keyboard.press("Enter");
  await tabTo(/^Remove access for 1 person$/);
  await page.keyboard.press("Enter");
  await row.waitFor({ state: "detached" });
  expectNoErrors();
});
