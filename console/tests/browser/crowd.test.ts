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

  // Scroll down again frame by frame. A long task takes 50 ms or more, which is three frames.
  const { frames, long } = await page.evaluate(async () => {
    let long = 0;
    const watch = new PerformanceObserver((list) => {
      long += list.getEntries().length;
    });
    watch.observe({ entryTypes: ["longtask"] });
    const end = document.documentElement.scrollHeight;
    for (let at = 0; at < end; at += 400) {
      scrollTo(0, at);
      await new Promise(requestAnimationFrame);
    }
    watch.disconnect();
    return { frames: Math.ceil(end / 400), long };
  });
  // The page itself has none, but a busy machine may delay a few frames.
  expect(frames).toBeGreaterThan(100);
  expect(long / frames).toBeLessThan(0.15);
  expect(await drawn()).toBeLessThan(60);
  // After a change, only the changed row is read again.
  await page.route("**/resend", (asked) => asked.fulfill({ json: oneOfMany(id, CROWD - 1) }));
  const read: string[] = [];
  page.on("request", (sent) => {
    if (sent.url().includes("/collaborators?")) read.push(new URL(sent.url()).search);
  });
  await last.getByRole("button", { name: "Resend the invitation" }).click();
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

test("search, filters and sort order go to the API and are kept in the URL", async () => {
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
  await names("Anna", "Max", "Tom", "Zoe");
  await page.getByLabel("Search by name or address").fill("ZO");
  await names("Zoe");
  expect(new URL(page.url()).search).toBe("?q=ZO");
  await page.reload();
  await names("Zoe");
  await page.getByRole("button", { name: "Clear filters" }).click();
  await page.getByLabel("Status").selectOption("active");
  await names("Anna");
  await page.getByLabel("Status").selectOption("pending");
  await names("Max", "Tom", "Zoe");
  await page.getByLabel("Status").selectOption("");
  await page.getByLabel("Origin").selectOption("Granted here");
  await names("Tom");
  await page.getByLabel("Origin").selectOption("Inherited");
  await names("Anna", "Max", "Zoe");
  await page.getByRole("combobox", { name: "Role" }).selectOption("Reader");
  await names("Max");
  await page.getByRole("button", { name: "Clear filters" }).click();
  // The most recent login comes first, and collaborators who never logged in come last.
  await logIn(id, max);
  await logIn(id, zoe);
  await page.getByRole("button", { name: "Last login" }).click();
  await names("Zoe", "Max", "Anna", "Tom");
  expect(await page.getByRole("columnheader", { name: "Last login" }).getAttribute("aria-sort")).toBe(
    "descending",
  );
  await page.getByLabel("Search by name or address").fill("no such name");
  await page.getByText("No matches").waitFor();
  expectNoErrors();
});
