import { existsSync, mkdirSync } from "node:fs";
import axe from "axe-core";
import { type Browser, type BrowserContextOptions, chromium, type Locator, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, inject } from "vitest";
import { logIn, type Person, tokenOf } from "./platform";

/** Debian's Chromium, without windows if that package is installed, or the program that `CHROMIUM` names. Nothing is downloaded. */
const PROGRAMS = ["/usr/bin/chromium-headless-shell", "/usr/bin/chromium"];
const CHROMIUM = process.env.CHROMIUM ?? PROGRAMS.find(existsSync) ?? "/usr/bin/chromium";

/** Runs as root in a container, and sends requests only to the stack. */
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

/** Opens a browser for the tests of a file. */
export function withBrowser(): void {
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM, args: SWITCHES });
  });
  afterAll(() => browser?.close());
}

/** A new browser context in a language. Errors of its pages fail the test, see `expectNoErrors`. */
export async function visit(locale: "fr-FR" | "en-GB", options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({ locale, baseURL: inject("base"), ...options });
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  lookOften(page);
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("console", (message) => {
    // The browser also logs each error response of the API.
    const isResponse = message.text().startsWith("Failed to load resource");
    if (message.type() === "error" && !isResponse) errors.push(message.text());
  });
  return page;
}

/** What Playwright does to an element once it is there. */
const ACTIONS = ["click", "fill", "check", "uncheck", "textContent", "inputValue", "waitFor"] as const;

/**
 * Has Playwright see an element, or that it is gone, within 20 ms. By itself it soon looks only twice a second, which
 * would be a third of the time of these tests. Playwright still waits after that, and fails as it always does.
 */
function lookOften(page: Page): void {
  const locators = Object.getPrototypeOf(page.locator("html"));
  if (locators.looksOften) return;
  locators.looksOften = true;
  for (const name of ACTIONS) {
    const original = locators[name];
    locators[name] = async function (this: Locator, ...args: unknown[]) {
      const [{ state } = {}] = args as { state?: string }[];
      const wanted = state !== "detached" && state !== "hidden";
      for (const until = Date.now() + 5_000; Date.now() < until; ) {
        // More than one element is an error, which the original reports.
        if ((await this.isVisible().catch(() => wanted)) === wanted) break;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      return original.apply(this, args);
    };
  }
}

const errors: string[] = [];

/** Fails if a page has thrown or violated its content security policy since the last call. */
export function expectNoErrors(): void {
  expect(errors.splice(0)).toEqual([]);
}

/** Signs in on the local issuer's page, from the current page. */
export async function signIn(page: Page, email: string, name = ""): Promise<void> {
  await page.getByRole("button", { name: /^(Se connecter|Sign in)/ }).click();
  await page.locator("#email").fill(email);
  await page.locator("#name").fill(name);
  await page.locator("button.submit").click();
  await page.locator(".brand").waitFor();
  await page.waitForURL((url) => url.pathname !== "/signed-in" && !url.pathname.startsWith("/_local"));
}

/**
 * Opens a page as a user who has signed in before. The session is put into the browser, since going through the issuer's
 * page takes longer than most tests; `signIn` does that.
 */
export async function visitAs(
  locale: "fr-FR" | "en-GB",
  person: Person,
  path: string,
  options?: BrowserContextOptions,
): Promise<Page> {
  const origins = [{ origin: inject("base"), localStorage: [await sessionOf(person)] }];
  const page = await visit(locale, { ...options, storageState: { cookies: [], origins } });
  await page.goto(path);
  await page.locator(".brand").waitFor();
  return page;
}

/** The session as the console stores it. As there, signing in counts as a login in each client. */
async function sessionOf(person: Person): Promise<{ name: string; value: string }> {
  const base = inject("base");
  const access_token = await tokenOf(person);
  const headers = { authorization: `Bearer ${access_token}`, "content-type": "application/json" };
  const own = await (await fetch(`${base}/v1/me/access`, { headers })).json();
  const { access } = own as { access: { client: { id: string } }[] };
  await Promise.all(access.map(({ client }) => logIn(client.id, person)));
  const [email, name] = person;
  const expires_at = Math.floor(Date.now() / 1_000) + 3_600;
  const value = JSON.stringify({ access_token, profile: { email, name }, expires_at });
  return { name: `oidc.user:${base}/_local:console`, value };
}

/** Checks the page as it is with axe, for WCAG 2.2 AA. */
export async function expectAccessible(page: Page): Promise<void> {
  await page.evaluate(axe.source);
  const violations = await page.evaluate(async () => {
    const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
    const found = await (window as unknown as { axe: typeof axe }).axe.run(document, {
      runOnly: { type: "tag", values: tags },
    });
    return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" | ")}`);
  });
  expect(violations, page.url()).toEqual([]);
}

/** Saves a screenshot of the page in `shots`. */
export async function picture(page: Page, name: string): Promise<void> {
  mkdirSync("shots", { recursive: true });
  await page.screenshot({ path: `shots/${name}.png`, fullPage: true });
}
