import { expect, test } from "vitest";
import { pollDelay } from "../../src/api/polling";

test("the page asks for queued mail after 2, 6, 14, 30 and 60 seconds, then no more until the user acts (fault 25)", () => {
  const asked: number[] = [];
  let waited = 0;
  for (;;) {
    const delay = pollDelay(waited);
    if (delay === false) break;
    waited += delay;
    asked.push(waited / 1_000);
  }
  expect(asked).toEqual([2, 6, 14, 30, 60]);
  // A clock that was set back does not stop it.
  expect(pollDelay(-5_000)).toBe(2_000);
});
