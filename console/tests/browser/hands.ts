import type { Locator } from "playwright-core";
import { describe, expect } from "vitest";
import type { Count } from "./clicks";

/** How a user activates what they see: with a pointer, or with the keyboard alone. */
interface Hands {
  /** Activates a control: a button, a link, a check box, an item of a menu. A text field only gets the focus. */
  act(target: Locator): Promise<void>;
  /** Fails if a job took more than this. */
  within(seen: Count, clicks: number, keys?: number): void;
}

const pointer: Hands = {
  act: (target) => target.click(),
  within(seen, clicks, keys) {
    expect(seen.clicks).toBeLessThanOrEqual(clicks);
    if (keys !== undefined) expect(seen.keys).toBe(keys);
  },
};

const keyboard: Hands = {
  act: press,
  within: (seen) => expect(seen.clicks).toBe(0),
};

/** Defines tests twice: for users with a pointer, and for users with the keyboard alone. */
export const withBothHands = (tests: (hands: Hands) => void) =>
  describe.each([
    ["au pointeur", pointer],
    ["au clavier", keyboard],
  ])("%s", (_, hands) => tests(hands));

/** More than the stops of any screen of these tests: a control that is further away is out of reach. */
const STOPS = 120;

/**
 * Moves the focus to a control with the keys that lead there, and activates it. Tab leads to each control, and to one
 * radio button of a group. Arrows lead on in a group, and through a menu, which has the focus when it opens.
 */
async function press(target: Locator): Promise<void> {
  await target.waitFor();
  const { keyboard } = target.page();
  const kind = await target.evaluate(
    (element) => element.getAttribute("role") ?? (element as HTMLInputElement).type,
  );
  const isItem = kind?.startsWith("menuitem") ?? false;
  for (let stop = 0; stop < STOPS; stop += 1) {
    const focus = await target.evaluate((element) => {
      const { activeElement } = document;
      if (element === activeElement) return "here";
      const { type, name } = element as HTMLInputElement;
      const other = activeElement as HTMLInputElement;
      return type === "radio" && other.type === type && other.name === name ? "beside" : "elsewhere";
    });
    if (focus === "here") break;
    await keyboard.press(isItem || focus === "beside" ? "ArrowDown" : "Tab");
  }
  expect(await target.evaluate((element) => element === document.activeElement), `${target}`).toBe(true);
  if (kind === "checkbox" || kind === "radio") await keyboard.press("Space");
  else if (kind !== "search" && kind !== "text") await keyboard.press("Enter");
}
