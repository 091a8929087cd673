import { mkdirSync } from "node:fs";
import axe from "axe-core";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, inject } from "vitest";

/** Debian's (`apt-get install chromium`), or whichever `CHROMIUM` names; nothing is downloaded. */
const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";

/** As root in a container; and asking nobody but the stack. */
const SWITCHES = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

let browser: Browser;

/** Opens the browser for the tests of a file, and closes it after them. */
export function withBrowser(): void {
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM, args: SWITCHES });
  });
  afterAll(() => browser?.close());
}

/** A browser of somebody's own, in a language; whatever its pages complain of fails the test. */
export async function visit(locale: "fr-FR" | "en-GB", options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({ locale, baseURL: inject("base"), ...options });
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    // A refusal of the API is told by the browser as well.
    const refused = message.text().startsWith("Failed to load resource");
    if (message.type() === "error" && !refused) complaints.push(message.text());
  });
  return page;
}

const complaints: string[] = [];

/** Fails if any page has thrown, or broken its policy, since the last time. */
export function expectNoComplaints(): void {
  expect(complaints.splice(0)).toEqual([]);
}

/** Signs in on the local issuer's page as anybody; begins at the page that `page` is on. */
export async function signIn(page: Page, email: string, name = ""): Promise<void> {
  await page.getByRole("button", { name: /^(Se connecter|Sign in)/ }).click();
  await page.locator("#email").fill(email);
  await page.locator("#name").fill(name);
  await page.locator("button.submit").click();
  await page.locator(".brand").waitFor();
  await page.waitForURL((url) => url.pathname !== "/signed-in" && !url.pathname.startsWith("/_local"));
}

/** Opens a page as somebody who signs in first. */
export async function visitAs(
  locale: "fr-FR" | "en-GB",
  [email, name]: readonly [string, string],
  path: string,
  options?: BrowserContextOptions,
): Promise<Page> {
  const page = await visit(locale, options);
  await page.goto(path);
  await signIn(page, email, name);
  return page;
}

/** Looks at the page as it is with axe, and holds it to WCAG 2.2 AA. */
export async function expectAccessible(page: Page): Promise<void> {
  await page.evaluate(axe.source);
  const broken = await page.evaluate(async () => {
    const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
    const { violations } = await (window as unknown as { axe: typeof axe }).axe.run(document, {
      runOnly: { type: "tag", values: tags },
    });
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" | ")}`);
  });
  expect(broken, page.url()).toEqual([]);
}

/** Keeps a picture of the page. */
export async function picture(page: Page, name: string): Promise<void> {
  mkdirSync("shots", { recursive: true });
  await page.screenshot({ path: `shots/${name}.png`, fullPage: true });
}
