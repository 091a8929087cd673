import type { Page } from "playwright-core";

/** What a user did in a page since the last count. */
export interface Count {
  clicks: number;
  keys: number;
}

/** Counts the clicks and key presses in a page, over its reloads. */
export async function counting(page: Page): Promise<() => Promise<Count>> {
  const install = () => {
    const add = (name: string) => {
      sessionStorage.setItem(name, String(Number(sessionStorage.getItem(name)) + 1));
    };
    addEventListener("pointerdown", (event) => event.isTrusted && add("test.clicks"), true);
    addEventListener("keydown", (event) => event.isTrusted && add("test.keys"), true);
  };
  await page.addInitScript(install);
  await page.evaluate(install);
  return async () => {
    const counts = await page.evaluate(() => {
      const take = (name: string) => {
        const count = Number(sessionStorage.getItem(name));
        sessionStorage.removeItem(name);
        return count;
      };
      return { clicks: take("test.clicks"), keys: take("test.keys") };
    });
    return counts;
  };
}
