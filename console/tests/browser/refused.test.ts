import { expect, test } from "vitest";
import { client, invite, linkTo, member, send, someone, tokenOf } from "./platform";
import { expectAccessible, expectNoErrors, signIn, visit, visitAs, withBrowser } from "./visit";

withBrowser();

test("when all seats are taken, a refused invitation links to the seats that could be freed", async () => {
  const claire = someone("Claire");
  const id = await client("Plein", claire, { seatLimit: 2 });
  await invite(id, claire, someone("Léa"), "reader");
  const page = await visitAs("fr-FR", claire, `/scopes/${id}:tech`);
  await page.getByText("plus aucune place libre").waitFor();
  await page.getByRole("button", { name: "Inviter", exact: true }).click();
  const form = page.getByRole("dialog");
  await form.getByLabel("Adresses e-mail").fill("zoe@example.org");
  await form.getByText("Options : nom, langue, message personnel").click();
  await form.getByRole("textbox", { name: /^Nom/ }).fill("Zoé");
  await form.getByRole("button", { name: "Envoyer l’invitation" }).click();
  await form.getByText("Limite de collaborateurs atteinte").waitFor();
  await expectAccessible(page);
  // The input is kept.
  expect(await form.getByRole("textbox", { name: /^Nom/ }).inputValue()).toBe("Zoé");
  await form.getByRole("link", { name: "Voir quelles places libérer" }).click();
  await page.getByRole("heading", { name: "Contrat – Plein" }).waitFor();
  expect(await page.getByRole("dialog").count()).toBe(0);
  await page.getByRole("link", { name: /Invitations en attente/ }).click();
  await page.getByRole("heading", { name: "Équipe – Plein" }).waitFor();
  await page.getByRole("row", { name: /Léa/ }).waitFor();
  expect(await page.getByRole("row", { name: /Claire/ }).count()).toBe(0);
  expectNoErrors();
});

test("inviting a person who already has access links to that person", async () => {
  const claire = someone("Claire");
  const lea = someone("Léa");
  const id = await client("Déjà", claire);
  await invite(id, claire, lea, "reader");
  const page = await visitAs("fr-FR", claire, `/scopes/${id}`);
  await page.getByRole("button", { name: "Inviter", exact: true }).click();
  await page.getByRole("dialog").getByLabel("Adresses e-mail").fill(lea[0].toUpperCase());
  await page.getByRole("button", { name: "Envoyer l’invitation", exact: true }).click();
  await page.getByRole("alert").getByText(/déjà/).first().waitFor();
  await page.getByRole("link", { name: "Voir cette personne" }).click();
  await page.getByRole("dialog", { name: "Léa" }).waitFor();
  expectNoErrors();
});

test("an invalid address is reported at its field", async () => {
  const claire = someone("Claire");
  const page = await visitAs("fr-FR", claire, `/scopes/${await client("Adresse", claire)}`);
  await page.getByRole("button", { name: "Inviter", exact: true }).click();
  const email = page.getByRole("dialog").getByLabel("Adresses e-mail");
  const button = page.getByRole("button", { name: "Envoyer l’invitation", exact: true });
  const refused = async (address: string, problem: string) => {
    await email.fill(address);
    await button.click();
    await page.getByRole("alert").getByText(problem).waitFor();
    expect(await email.getAttribute("aria-invalid")).toBe("true");
  };
  // By the page, which sees it; by the service, which knows the whole rule.
  await refused("mıke@example.org", "adresse introuvable ou non valide");
  await refused(`${"z".repeat(65)}@example.org`, "Corrigez l’adresse e-mail.");
  expectNoErrors();
});

test("a custom role without rights is not sent", async () => {
  const claire = someone("Claire");
  const page = await visitAs("fr-FR", claire, `/scopes/${await client("Vide", claire)}:tech:summit`);
  await page.getByRole("button", { name: "Inviter", exact: true }).click();
  const form = page.getByRole("dialog");
  await form.getByLabel("Adresses e-mail").fill("zoe@example.org");
  await form.getByRole("radio", { name: /Personnalisé/ }).check();
  await form.getByRole("button", { name: "Envoyer l’invitation" }).click();
  await form.getByText("Choisissez au moins un droit.").waitFor();
  // Checking a right checks view in its row, and unchecking view unchecks the row.
  await form.getByRole("checkbox", { name: "Contacts : exporter" }).check();
  expect(await form.getByRole("checkbox", { name: "Contacts : voir" }).isChecked()).toBe(true);
  await form.getByRole("checkbox", { name: "Contacts : voir" }).uncheck();
  expect(await form.getByRole("checkbox", { name: "Contacts : exporter" }).isChecked()).toBe(false);
  expectNoErrors();
});

test("being offline or a busy service keeps the input, and retries send one invitation", async () => {
  const claire = someone("Claire");
  const zoe = someone("Zoe");
  const id = await client("Offline", claire);
  const page = await visitAs("en-GB", claire, `/scopes/${id}`);
  await page.getByRole("button", { name: "Invite", exact: true }).click();
  const form = page.getByRole("dialog");
  await form.getByLabel("E-mail addresses").fill(zoe[0]);
  await form.getByText("Options: name, language, personal message").click();
  await form.getByRole("textbox", { name: /^Name/ }).fill(zoe[1]);
  await page.context().setOffline(true);
  await form.getByRole("button", { name: "Send invitation" }).click();
  await form.getByText("No connection").waitFor();
  await page.context().setOffline(false);

  // First the service is busy; then it sends the invitation, but its response is lost.
  const route = `**/v1/scopes/*/collaborators`;
  const keys: (string | undefined)[] = [];
  let calls = 0;
  await page.route(route, async (asked) => {
    if (asked.request().method() !== "POST") return asked.fallback();
    calls += 1;
    keys.push(asked.request().headers()["idempotency-key"]);
    const busy = {
      type: "/problems#try-again",
      title: "Try again",
      status: 503,
      detail: "The service is busy. Try again in a moment.",
      code: "try-again",
      retryAfter: 1,
    };
    if (calls === 1) {
      return asked.fulfill({
        status: 503,
        contentType: "application/problem+json",
        body: JSON.stringify(busy),
      });
    }
    if (calls === 2) {
      await asked.fetch();
      return asked.abort();
    }
    return asked.fallback();
  });
  const again = form.getByRole("button", { name: "Try again" });
  await again.click();
  await form.getByText("The service is busy").waitFor();
  await again.click();
  await form.getByText("No connection").waitFor();
  expect(await form.getByLabel("E-mail addresses").inputValue()).toBe(zoe[0]);
  await again.click();
  await page.getByText("Invitation sent to Zoe.").waitFor();
  expect(new Set(keys).size).toBe(1);
  const { entries } = await send("GET", `/v1/scopes/${id}/history`, await tokenOf(claire));
  const invited = (entries as { action: string; collaborator: { email: string } }[]).filter(
    ({ action, collaborator }) => action === "invited" && collaborator.email === zoe[0],
  );
  expect(invited.length).toBe(1);
  expectNoErrors();
});

test("a missing, invalid, used or expired link shows what to do next", async () => {
  const claire = someone("Claire");
  const lea = someone("Lea");
  const id = await client("Links", claire);
  const page = await visit("en-GB");
  await page.goto("/invitation");
  await page.getByText("To open an invitation, use the link in the e-mail you received.").waitFor();
  await page.goto("/invitation#nothing.at.all");
  await page.getByRole("heading", { name: "This link is no longer valid" }).waitFor();

  await invite(id, claire, lea, "reader");
  const link = await linkTo(lea[0]);
  await page.goto(link);
  // The button that signs in also accepts.
  await signIn(page, lea[0], lea[1]);
  await page.getByRole("heading", { name: "Welcome!" }).waitFor();
  await page.getByText("You now have access to Links.").waitFor();
  await page.goto("/");
  await page.goto(link);
  await page.getByRole("heading", { name: "This invitation was already accepted" }).waitFor();
  await page.getByRole("link", { name: "See your access" }).click();
  await page.getByRole("table").getByRole("link", { name: "Links Summit" }).waitFor();

  const expired = {
    type: "/problems#invitation-expired",
    title: "Invitation expired",
    status: 410,
    detail: "This invitation has expired. Ask for it to be sent again.",
    code: "invitation-expired",
  };
  await page.route("**/v1/invitations/preview", (asked) =>
    asked.fulfill({ status: 410, contentType: "application/problem+json", body: JSON.stringify(expired) }),
  );
  await page.goto("/");
  await page.goto(link);
  await page.getByRole("heading", { name: "This invitation has expired" }).waitFor();
  expectNoErrors();
});

test("opening the link does not accept, however often", async () => {
  const claire = someone("Claire");
  const lea = someone("Lea");
  const id = await client("Scanner", claire);
  const { id: leaId } = await invite(id, claire, lea, "reader");
  const link = await linkTo(lea[0]);
  for (let time = 0; time < 3; time += 1) {
    const page = await visit("en-GB");
    await page.goto(link);
    await page.getByRole("button", { name: `Sign in as ${lea[0]} and accept` }).waitFor();
  }
  const found = await send("GET", `/v1/scopes/${id}/collaborators/${leaId}`, await tokenOf(claire));
  expect(found.status).toBe("pending");
  expectNoErrors();
});

test("user input is shown as typed and never runs", async () => {
  const claire = someone("<img src=x onerror=alert(1)>Claire");
  const id = await client("<b>Markup</b>", claire);
  const name = "<script>alert(1)</script>";
  await invite(id, claire, [someone("Lea")[0], name], "reader");
  const page = await visitAs("en-GB", claire, `/scopes/${id}`);
  page.on("dialog", () => expect.unreachable("a script ran"));
  await page.getByRole("link", { name }).waitFor();
  await page.getByRole("heading", { name: "Team – <b>Markup</b>" }).waitFor();
  await page.getByRole("link", { name: "History" }).click();
  await page.getByText(`invited ${name}`).waitFor();
  expect(await page.locator("#app img, #app b, #app script").count()).toBe(0);
  expectNoErrors();
});

test("an expired session is reported, and signing in leads back to the page with what was typed", async () => {
  const claire = someone("Claire");
  const id = await client("Ended", claire);
  const page = await visitAs("en-GB", claire, `/scopes/${id}/announcements`);
  const end = (path: RegExp) =>
    page.route(path, (asked) =>
      asked.request().method() === "POST"
        ? asked.fulfill({ status: 401, json: { message: "Unauthorized" } })
        : asked.fallback(),
    );
  const [announcements, collaborators] = [/\/v1\/.*\/announcements/, /\/v1\/.*\/collaborators$/];
  await end(announcements);
  await page.getByLabel("Subject").fill("Maintenance");
  await page.getByLabel("Message", { exact: true }).fill("Tonight.");
  await page.getByRole("button", { name: "Preview" }).click();
  await page.getByText("Session expired").waitFor();
  await page.unroute(announcements);
  await signIn(page, claire[0], claire[1]);
  await page.getByRole("heading", { name: "Message to the team – Ended" }).waitFor();
  expect(await page.getByLabel("Subject").inputValue()).toBe("Maintenance");
  expect(await page.getByLabel("Message", { exact: true }).inputValue()).toBe("Tonight.");

  // The same for an invitation.
  await page.goto(`/scopes/${id}?q=e`);
  const form = page.getByRole("dialog");
  const open = page.getByRole("button", { name: "Invite", exact: true });
  await open.click();
  await form.getByLabel("E-mail addresses").fill("zoe@example.org");
  await form.getByRole("radio", { name: /^Administrator/ }).check();
  await end(collaborators);
  await form.getByRole("button", { name: "Send invitation" }).click();
  await form.getByText("Session expired").waitFor();
  await page.unroute(collaborators);
  await signIn(page, claire[0], claire[1]);
  await page.getByRole("heading", { name: "Team – Ended" }).waitFor();
  expect(new URL(page.url()).search).toBe("?q=e");
  await open.click();
  expect(await form.getByLabel("E-mail addresses").inputValue()).toBe("zoe@example.org");
  expect(await form.getByRole("radio", { name: /^Administrator/ }).isChecked()).toBe(true);
  await form.getByRole("button", { name: "Cancel" }).click();

  // Signing out forgets it: the next user of the device does not see it.
  await page.getByRole("button", { name: "Your account: Claire" }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await page.getByRole("heading", { name: "You are signed out" }).waitFor();
  expect(await page.evaluate(() => JSON.stringify(sessionStorage))).not.toMatch(/zoe|Tonight/);
  expectNoErrors();
});

test("a section without access shows a message, also when opened by its URL", async () => {
  const claire = someone("Claire");
  const id = await client("Sections", claire);
  const lea = await member(id, claire, "Lea", "reader");
  const page = await visitAs("en-GB", lea, `/scopes/${id}/owner`);
  for (const section of ["owner", "announcements", "history", "seats", "matrix"]) {
    await page.goto(`/scopes/${id}/${section}`);
    await page.getByText("You do not have access to this section.", { exact: false }).waitFor();
    expect(await page.locator("main form").count()).toBe(0);
  }
  await page.goto(`/scopes/${id}`);
  await page.getByText("You cannot see who else has access here.", { exact: false }).waitFor();
  expectNoErrors();
});

test("an invisible level and an unknown page show a message", async () => {
  const claire = someone("Claire");
  const page = await visitAs("en-GB", claire, `/scopes/${await client("Sight", claire)}`);
  await page.goto("/scopes/somebody-elses");
  await page.getByText("This scope does not exist, or you do not have access to it.").waitFor();
  await page.goto("/nowhere");
  await page.getByRole("heading", { name: "Page not found" }).waitFor();
  expectNoErrors();
});
