import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import type { Collaborator, Grant } from "../../src/api/client";
import { client, invite, logIn, someone } from "./platform";
import { expectNoErrors, visitAs, withBrowser } from "./visit";

withBrowser();

const CROWD = 1_000;

const named = (n: number) => `Person ${String(n).padStart(4, "0")}`;

/** One collaborator of the crowd, as the API returns it. */
function oneOfMany(scope: string, n: number): Collaborator {
  const grant: Grant = {
    scope,
    level: "client",
    inherited: false,
    role: "reader",
    permissions: ["contacts:view"],
    grantedBy: { email: "anna@example.org", name: "Anna" },
    grantedAt: "2026-11-22T12:00:00Z",
    expiresAt: null,
    endsAt: null,
    overridden: false,
  };
  return {
    id: `id${n}`,
    email: `person${n}@example.org`,
    name: named(n),
    status: "pending",
    role: "reader",
    grants: [grant, { ...grant, scope: `${scope}:tech`, level: "audience", role: "manager" }],
    invitation: { sentAt: "2026-11-22T12:00:00Z", expiresAt: "2027-11-22T12:00:00Z", delivery: "delivered" },
    permissions: [],
    lastLoginAt: null,
    version: 1_795_323_303_000 + n,
  };
}

/** Fakes the API's pages of the grid: a client cannot invite this many collaborators in a day. */
async function answerWithCrowd(page: Page, scope: string): Promise<void> {
  await page.route("**/v1/scopes/*/collaborators?*", (asked) => {
    const query = new URL(asked.request().url()).searchParams;
    const ids = query.get("ids")?.split(",");
    if (ids) {
      const collaborators = ids.map((id) => ({
        ...oneOfMany(scope, Number(id.slice(2))),
        name: "Read again",
      }));
      return asked.fulfill({
        json: { collaborators, nextCursor: null, seats: { limit: null, used: CROWD } },
      });
    }
    const from = Number(query.get("cursor") ?? 0);
    const to = Math.min(CROWD, from + Number(query.get("limit")));
    const collaborators = Array.from({ length: to - from }, (_, index) => oneOfMany(scope, from + index));
    const nextCursor = to < CROWD ? String(to) : null;
    return asked.fulfill({ json: { collaborators, nextCursor, seats: { limit: null, used: CROWD } } });
  });
}

test("a thousand rows scroll smoothly, and only the visible ones are rendered", async () => {
  const owner = someone("Anna");
  const id = await client("Crowd", owner, { seatLimit: null });
  const page = await visitAs("en-GB", owner, "/");
  await answerWithCrowd(page, id);
  await page.goto(`/scopes/${id}`);
  await page.getByRole("row", { name: named(0) }).waitFor();
  const drawn = () => page.locator(".rows > [role=row]").count();
  expect(await drawn()).toBeLessThan(60);

  // Scrolling, as a user does, loads all pages.
  const last = page.getByRole("row", { name: named(CROWD - 1) });
  for (let step = 0; step < 200 && (await last.count()) === 0; step += 1) {
    await page.mouse.wheel(0, 2_000);
    await page.waitForTimeout(30);
  }
  await last.waitFor();
  await page.getByText("1,000 people", { exact: true }).waitFor();
  expect(await drawn()).toBeLessThan(60);

  // Scroll down again frame by frame. A long task takes 50 ms or more, which is three frames. It is the processor time of
  // the page's thread that counts: another browser may be busy as well.
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Performance.enable", { timeDomain: "threadTicks" });
  const busy = async () => {
    const { metrics } = await devtools.send("Performance.getMetrics");
    return metrics.find(({ name }) => name === "TaskDuration")?.value ?? Number.NaN;
  };
  const end = await page.evaluate(() => document.documentElement.scrollHeight);
  const spent: number[] = [];
  for (let at = 0; at < end; at += 400) {
    const before = await busy();
    await page.evaluate(async (top) => {
      scrollTo(0, top);
      await new Promise(requestAnimationFrame);
    }, at);
    spent.push((await busy()) - before);
  }
  expect(spent.length).toBeGreaterThan(100);
  expect(spent).not.toContain(Number.NaN);
  expect(spent.filter((seconds) => seconds >= 0.05).length / spent.length).toBeLessThan(0.15);
  expect(await drawn()).toBeLessThan(60);
  // After a change, only the changed row is read again.
  await page.route("**/resend", (asked) => asked.fulfill({ json: oneOfMany(id, CROWD - 1) }));
  const read: string[] = [];
  page.on("request", (sent) => {
    if (sent.url().includes("/collaborators?")) read.push(new URL(sent.url()).search);
  });
  await last.getByRole("button", { name: `Actions for ${named(CROWD - 1)}` }).click();
  await page.getByRole("menuitem", { name: "Send reminder" }).click();
  await page.getByText(`Reminder sent to ${named(CROWD - 1)}.`).waitFor();
  await page.getByRole("row", { name: "Read again" }).waitFor();
  await page.getByText("1,000 people", { exact: true }).waitFor();
  expect(read).toEqual([`?below=true&ids=id${CROWD - 1}`]);
  // Paper does not scroll: all rows are printed.
  const printed = (event: string) => page.evaluate((name) => dispatchEvent(new Event(name)), event);
  await printed("beforeprint");
  expect(await drawn()).toBe(CROWD);
  await printed("afterprint");
  await expect.poll(drawn).toBeLessThan(60);
  expectNoErrors();
});

test("search, views, filters and sort order go to the API and are kept in the URL", async () => {
  const owner = someone("Anna");
  const id = await client("Filters", owner);
  const [zoe, max] = [someone("Zoe"), someone("Max")];
  await invite(id, owner, zoe, "administrator");
  await invite(id, owner, max, "reader");
  await invite(`${id}:tech`, owner, someone("Tom"), "observer");
  const page = await visitAs("en-GB", owner, `/scopes/${id}:tech`);
  const names = async (...expected: string[]) => {
    await page.getByText(`${expected.length} p`, { exact: false }).first().waitFor();
    await expect.poll(() => page.locator(".rows .who a").allTextContents()).toEqual(expected);
  };
  const parameters = () => new URL(page.url()).search;
  /** Opens a menu by its button, and chooses an entry. */
  const choose = async (menu: string | RegExp, entry: string) => {
    await page.getByRole("button", { name: menu, exact: true }).click();
    await page.getByRole("menuitemradio", { name: entry, exact: true }).click();
  };
  // Tom has a role here; the others have theirs from above.
  await names("Tom", "Anna", "Max", "Zoe");
  await page.getByLabel("Search for a name or an address").fill("ZO");
  await names("Zoe");
  expect(parameters()).toBe("?q=ZO");
  await page.reload();
  await names("Zoe");
  await page.getByRole("button", { name: "Clear filters" }).click();
  await page.getByRole("button", { name: /^Active/ }).click();
  await names("Anna");
  await page.getByRole("button", { name: /^Invited/ }).click();
  await names("Tom", "Max", "Zoe");
  expect(parameters()).toBe("?view=pending");
  await page.reload();
  await names("Tom", "Max", "Zoe");
  expect(await page.getByRole("button", { name: /^Invited/ }).getAttribute("aria-pressed")).toBe("true");
  await page.getByRole("button", { name: /^Everyone/ }).click();
  await choose("Source", "Access given here");
  await names("Tom");
  await choose("Source: Access given here", "From the account or group");
  await names("Anna", "Max", "Zoe");
  await choose("Role", "Reader");
  await names("Max");
  await choose("Role: Reader", "All");
  await choose("Can…", "Access rights: manage");
  // An invited person can do nothing yet.
  await names("Anna");
  expect(parameters()).toBe("?inherited=true&permission=access%3Amanage");
  await page.getByRole("button", { name: "Clear filters" }).click();
  await names("Tom", "Anna", "Max", "Zoe");
  // The most recent login comes first, and collaborators who never logged in come last.
  await logIn(id, max);
  await logIn(id, zoe);
  await page.goto(`/scopes/${id}`);
  await names("Anna", "Max", "Tom", "Zoe");
  await page.getByRole("button", { name: "Last login" }).click();
  await names("Zoe", "Max", "Anna", "Tom");
  const header = (name: string) => page.getByRole("columnheader", { name });
  expect(await header("Last login").getAttribute("aria-sort")).toBe("descending");
  await page.getByRole("button", { name: "Person", exact: true }).click();
  await names("Anna", "Max", "Tom", "Zoe");
  expect(parameters()).toBe("?sort=name");
  expect(await header("Person").getAttribute("aria-sort")).toBe("ascending");
  // A second click reverses the order.
  await page.getByRole("button", { name: "Person", exact: true }).click();
  await names("Zoe", "Tom", "Max", "Anna");
  expect(await header("Person").getAttribute("aria-sort")).toBe("descending");
  await page.getByRole("button", { name: "Access until" }).click();
  expect(await header("Access until").getAttribute("aria-sort")).toBe("ascending");
  await expect.poll(parameters).toBe("?sort=expiresAt");
  await page.getByLabel("Search for a name or an address").fill("no such name");
  await page.getByText("No matches").waitFor();
  await page.getByRole("button", { name: "Show everyone" }).click();
  await page.getByText("4 people", { exact: true }).waitFor();
  expectNoErrors();
});

test("people whose access comes from above are a group at the end, which stays folded", async () => {
  const owner = someone("Anna");
  const id = await client("Group", owner);
  await invite(`${id}:tech`, owner, someone("Tom"), "observer");
  await invite(`${id}:tech:summit`, owner, someone("Vera"), "observer");
  const page = await visitAs("en-GB", owner, `/scopes/${id}:tech`);
  const names = () => page.locator(".rows .who a").allTextContents();
  const group = page.getByRole("button", { name: "From the account or group (1)" });
  await group.waitFor();
  // Access at a lower level is not from above.
  expect(await names()).toEqual(["Tom", "Vera", "Anna"]);
  await group.click();
  await expect.poll(names).toEqual(["Tom", "Vera"]);
  await page.reload();
  await group.waitFor();
  expect(await names()).toEqual(["Tom", "Vera"]);
  expect(await group.getAttribute("aria-expanded")).toBe("false");
  await group.click();
  await expect.poll(names).toEqual(["Tom", "Vera", "Anna"]);
  expectNoErrors();
});
